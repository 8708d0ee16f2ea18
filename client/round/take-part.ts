/** IO: what a host does with a round request: each of its clients in the cohort trains, and its update leaves. */
import { setImmediate } from "node:timers/promises";
import { failpoint } from "../../shared/failpoint.ts";
import type { RoundRequest } from "../connection/round-request.ts";
import { AttemptCharges } from "./attempt-charges.ts";
import { PlainContributor } from "./contributor.ts";
import type { HostContext } from "./host-context.ts";
import { MaskedContributor } from "./masked-contributor.ts";
import { isAbsent, membersOf, sendUpdate, updateOf } from "./member.ts";

/** Updates on their way at once; each holds a model's memory. */
const MAX_SENDING = 8;

/**
 * One client after another: is it there, does its ledger hold this; train, clip, noise; mask where masks are asked for;
 * charge; send. Resolves once the attempt is over for all of them, and what they sent has left.
 */
export async function takePart(request: RoundRequest, host: HostContext): Promise<void> {
  const { work, hidesDraw } = host;
  const sending: Promise<void>[] = [];
  const charges = new AttemptCharges(request, host);
  if (hidesDraw) charges.chargeAll();
  const contributor =
    request.kind === "masked"
      ? new MaskedContributor(request, host, charges)
      : new PlainContributor(membersOf(request, host));
  for await (const member of contributor.turns()) {
    if (!work.isOpen(request)) break;
    if (isAbsent(member, host) || !charges.allows(member)) {
      contributor.drop(member);
      continue;
    }
    const update = await updateOf(member, host);
    // Over while it trained: what would be discarded unread is not charged either.
    if (!work.isOpen(request)) break;
    const contribution = contributor.contribution(member, update);
    if (!contribution) continue;
    charges.charge(member);
    await failpoint("client-after-charge", member.client);
    sending.push(sendUpdate(member, contribution, host));
    if (sending.length >= MAX_SENDING) await sending.shift();
    // Between two clients the event loop turns, so that heartbeats go on.
    await setImmediate();
  }
  await Promise.all(sending);
}
