import { Random } from "../../shared/noise/random.ts";

/** A stream that counts what is read from it by `bytes` and `below`. */
export class CountedRandom extends Random {
  bytesRead = 0;
  override bytes(count: number): Buffer {
    this.bytesRead += count;
    return super.bytes(count);
  }

  /** However it comes by them. */
  protected override integer(bytes: number): number {
    const before = this.bytesRead;
    const value = super.integer(bytes);
    this.bytesRead = before + bytes;
    return value;
  }
}
