/**
 * A coordinator that keeps to no rule of masked attempts: it has real sockets and real hosts, takes
 * whatever they say and looks at none of it, and sends whatever a test's lie makes of it.
 */
import { vi } from "vitest";
import type { AttemptWire } from "../../server/attempts/attempt-wire.ts";
import type { MaskedAttempt } from "../../server/attempts/masked-attempt.ts";
import type { Advertisement } from "../../shared/secagg/signed-steps.ts";
import {
  type AddressedPacket,
  packKeyList,
  packPackets,
  packSignatures,
  packSurvivors,
  unpackKeys,
  unpackPackets,
} from "../../shared/secagg/step-lists.ts";
import type { StepUp } from "../../shared/secagg/wire-steps.ts";
import { Mailbox } from "./mailbox.ts";

type Said =
  | { readonly u: number; readonly step: StepUp; readonly bytes: Buffer }
  | { readonly u: number; readonly step: "masked" | "gone" };

export class LyingCoordinator {
  readonly attempt: MaskedAttempt;
  readonly #wire: AttemptWire;
  /** Makes the attempt's charge durable: an honest coordinator does so before R2. */
  readonly charge: () => void;
  readonly #said = new Mailbox<Said>();
  /** Of all that was said: how many of each step. */
  readonly counts = new Map<Said["step"], number>();

  /** Nothing that arrives reaches the honest machine; `vi.restoreAllMocks()` ends it. */
  constructor(attempt: MaskedAttempt, wire: AttemptWire, charge: () => void) {
    this.attempt = attempt;
    this.#wire = wire;
    this.charge = charge;
    const note = (
      clientIndex: number,
      rest: { step: StepUp; bytes: Buffer } | { step: "masked" | "gone" },
    ) => {
      this.counts.set(rest.step, (this.counts.get(rest.step) ?? 0) + 1);
      this.#said.put({ u: attempt.placeOf(clientIndex) ?? -1, ...rest });
    };
    vi.spyOn(attempt, "offer").mockImplementation((arrived) => {
      const { vclient: clientIndex } = arrived;
      if (arrived.kind === "step") note(clientIndex, { step: arrived.step, bytes: arrived.bytes });
      else note(clientIndex, { step: "masked" });
      return arrived.kind === "step" ? null : "counted";
    });
    vi.spyOn(attempt, "lose").mockImplementation((clientIndices) => {
      for (const clientIndex of clientIndices) note(clientIndex, { step: "gone" });
    });
  }

  begin(): void {
    this.#wire.begin();
  }

  /** Of so many clients, by place. Others that come meanwhile are a fault of the test. */
  async heard(step: Said["step"], count: number): Promise<Map<number, Buffer>> {
    const all = new Map<number, Buffer>();
    while (all.size < count) {
      const said = await this.#said.take();
      if (said.step !== step)
        throw new Error(`waiting for ${step}: client ${said.u}: ${said.step}`);
      all.set(said.u, "bytes" in said ? said.bytes : Buffer.alloc(0));
    }
    return all;
  }

  /** R0 and R1, as an honest coordinator has them. @returns the packets of each client */
  async keysAndPackets(clients: number, bend = (list: Advertisement[]) => list): Promise<void> {
    this.begin();
    const keys = await this.heard("keys", clients);
    const list = [...keys].map(([u, bytes]) => unpackKeys(bytes, u));
    this.#wire.toAll("keys", packKeyList(bend(list.toSorted((a, b) => a.client - b.client))));
  }

  /** All of R0 to R2: every client's words are in. */
  async masked(clients: number): Promise<void> {
    await this.keysAndPackets(clients);
    const sent = await this.heard("packets", clients);
    this.charge();
    const inboxes = new Map([...sent.keys()].map((u) => [u, [] as AddressedPacket[]]));
    for (const [from, bytes] of sent)
      for (const { client, sealed } of unpackPackets(bytes))
        inboxes.get(client)?.push({ client: from, sealed });
    for (const [u, packets] of inboxes)
      this.#wire.toOne(this.attempt.asked[u] ?? -1, "packets", packPackets(packets));
    await this.heard("masked", clients);
  }

  /** To these alone, each on a host of its own. */
  survivors(told: readonly number[], survivors: readonly number[]): void {
    for (const u of told)
      this.#wire.toOne(this.attempt.asked[u] ?? -1, "survivors", packSurvivors(survivors));
  }

  signatures(told: readonly number[], signatures: ReadonlyMap<number, Buffer>): void {
    const list = [...signatures].map(([client, signature]) => ({ client, signature }));
    for (const u of told)
      this.#wire.toOne(this.attempt.asked[u] ?? -1, "signatures", packSignatures(list));
  }
}
