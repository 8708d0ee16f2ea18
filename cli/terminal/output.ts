/** IO: what every command's `--json` and `--quiet` mean, and what neither silences. */
import { printable } from "../../shared/errors.ts";

export interface OutputOptions {
  /** One JSON object, and nothing else. */
  readonly json?: boolean;
  /** The result only. */
  readonly quiet?: boolean;
}

/** Of what is no result: it goes to stderr under --json and --quiet too. */
export function warn(text: string): void {
  process.stderr.write(`murmur: ${printable(text)}\n`);
}
