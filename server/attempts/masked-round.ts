/**
 * A masked attempt from its first step to its sum, on whatever wire: each step ends when all have
 * answered or its time is up, and what it gives goes to all that still take part (Bonawitz et al. 2017).
 */
import {
  packKeyList,
  packPackets,
  packSignatures,
  packSurvivors,
} from "../../shared/secagg/step-lists.ts";
import type { AttemptWire } from "./attempt-wire.ts";
import type { MaskedAttempt } from "./masked-attempt.ts";

/**
 * Opens the attempt's sum.
 *
 * @param charge makes the attempt's charge durable. Called before anything leaves by which a client could
 *   mask; in a sparse graph before all keys do, from which the ring follows. So whoever dislikes a ring
 *   cannot have another for nothing. An attempt that dies earlier costs nothing
 * @throws ProtocolError `secagg.…` where too few are left, or the sum came out wrong
 */
export async function openMaskedSum(
  attempt: MaskedAttempt,
  wire: AttemptWire,
  charge: () => void,
): Promise<void> {
  const { ended } = wire;
  const { stepMs, trainMs, awayMs } = wire.timing;
  const { machine, asked } = attempt;
  const drawsRing = attempt.terms.degree !== null;
  const step = async () => {
    await attempt.answered(stepMs, ended);
    // Those whose network is down are away, not lost: without them there would be no sum.
    if (machine.isShort) await attempt.answered(awayMs, ended);
  };
  wire.begin();
  await step();
  const keys = machine.closeKeys();
  if (drawsRing) charge();
  wire.toAll("keys", packKeyList(keys));
  await step();
  const inboxes = machine.closePackets();
  if (!drawsRing) charge();
  attempt.collecting = true;
  for (const [u, packets] of inboxes) wire.toOne(asked[u] ?? -1, "packets", packPackets(packets));
  await attempt.answered(trainMs, ended);
  attempt.collecting = false;
  wire.toAll("survivors", packSurvivors(machine.closeMasked()));
  await step();
  wire.toAll("signatures", packSignatures(machine.closeSignatures()));
  await step();
  const { sum, liars } = await machine.closeShares();
  for (const u of liars) attempt.accuse(u);
  attempt.sum = sum;
}
