/**
 * `clients.faults`: which simulated clients fail, how, in which rounds and how likely. A script says
 * what is to go wrong; what the coordinator makes of it is the run's own business.
 */
import { z } from "zod";

const factor = z.number().gt(0).max(1e12);
/** From 1, as people count them. */
const round = z.number().int().min(1).max(1_000_000);

/** Whom, when, and how likely: the same for every kind. */
const common = {
  /** By name, c01 …; absent: all, or a share of them. */
  clients: z.array(z.string().min(1).max(64)).min(1).max(16_384).optional(),
  /** That part of all clients, picked once by the seed. */
  share: z.number().gt(0).max(1).optional(),
  /** Absent: all. */
  rounds: z
    .union(
      [z.array(round).min(1).max(10_000), z.strictObject({ from: round, to: round.optional() })],
      "a list of rounds, from 1, or { from, to }",
    )
    .optional(),
  /** Of a coin for each client and attempt. */
  chance: z.number().gt(0).max(1).default(1),
};

const FAULTS = [
  /** Gone for the rest of the run. */
  z.strictObject({ kind: z.literal("crash"), ...common }),
  /** No answer in that attempt: its deadline ends it. */
  z.strictObject({ kind: z.literal("hang"), ...common }),
  /** Its update is sent so much later; its host's other clients do not wait for it. */
  z.strictObject({
    kind: z.literal("slow"),
    ...common,
    seconds: z.number().gt(0).max(86_400),
  }),
  /** The socket of its host is destroyed without a word. */
  z.strictObject({ kind: z.literal("dropLink"), ...common }),
  /** Random words in the place of its update. */
  z.strictObject({ kind: z.literal("garbage"), ...common }),
  /** Its update so many times, whatever the clip norm is. */
  z.strictObject({ kind: z.literal("overNorm"), ...common, factor: factor.default(1e6) }),
  /** The model that it trains is no number: zeros go in the place of what it learns. */
  z.strictObject({ kind: z.literal("notFinite"), ...common }),
  /** An update that lies and looks like any other: it is no longer than an honest one may be. */
  z.strictObject({
    kind: z.literal("poisoned"),
    ...common,
    how: z.enum(["signFlip", "labelFlip"]),
    factor: factor.default(1),
  }),
  /** Its update goes out under another round's number. */
  z.strictObject({ kind: z.literal("stale"), ...common }),
] as const;

/** One line of a scenario's script. */
export const faultSchema = z.discriminatedUnion("kind", FAULTS);

/** A line of what a host is told: the scenario's, or what its short keys say. */
export const faultRuleSchema = z.discriminatedUnion("kind", [
  ...FAULTS,
  /** `clients.dropOut`: lost to that attempt, and its host says so. */
  z.strictObject({ kind: z.literal("dropOut"), ...common }),
  /** `clients.stragglers`: it finishes no more than so many local epochs. */
  z.strictObject({
    kind: z.literal("straggle"),
    ...common,
    localEpochs: z.number().int().min(1),
  }),
]);

export type FaultRule = z.infer<typeof faultRuleSchema>;
export type FaultKind = FaultRule["kind"];

/** All that a scenario lets go wrong, line by line: what its short keys say comes first. */
export function faultScript({
  dropOut,
  stragglers,
  faults,
}: {
  readonly dropOut: number;
  readonly stragglers?: { readonly share: number; readonly localEpochs: number } | undefined;
  readonly faults: readonly FaultRule[];
}): readonly FaultRule[] {
  const lost: FaultRule[] = dropOut > 0 ? [{ kind: "dropOut", chance: dropOut }] : [];
  const slow: FaultRule[] = stragglers
    ? [{ kind: "straggle", chance: stragglers.share, localEpochs: stragglers.localEpochs }]
    : [];
  return [...lost, ...slow, ...faults];
}
