/** IO: what a host does with an order: each of its clients in the cohort trains and sends. */
import { setImmediate } from "node:timers/promises";
import { failpoint } from "../shared/failpoint.ts";
import {
  AttemptCharges,
  type HostTools,
  isAbsent,
  partsOf,
  sendUpdate,
  updateOf,
} from "./host-tools.ts";
import type { Order } from "./link/order-queue.ts";
import { takeMaskedPart } from "./masked-part.ts";

/** Updates on their way at once; each holds a model's memory. */
const MAX_SENDING = 8;

/** One client after another. */
export async function takePart(order: Order, tools: HostTools): Promise<void> {
  if (order.masks) return takeMaskedPart(order, order.masks, tools);
  const { link } = tools;
  const sending: Promise<void>[] = [];
  const charges = new AttemptCharges(order, tools);
  if (tools.hidesDraw) charges.chargeAll();
  for (const part of partsOf(order, tools)) {
    if (!link.isOpen(order)) break;
    if (isAbsent(part, tools) || !charges.allows(part)) continue;
    const update = await updateOf(part, tools);
    // Over while it trained: what would be discarded unread is not charged either.
    if (!link.isOpen(order)) break;
    charges.charge(part);
    await failpoint("client-after-charge", part.client);
    sending.push(sendUpdate(part, update, tools));
    if (sending.length >= MAX_SENDING) await sending.shift();
    // Between two clients the event loop turns, so that heartbeats go on.
    await setImmediate();
  }
  await Promise.all(sending);
}
