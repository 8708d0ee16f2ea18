/**
 * How a coordinator makes one update of many. A sum is what noise is calibrated for; a median or a
 * trimmed mean (Yin, Chen, Ramchandran & Bartlett 2018, arXiv:1803.01498, definitions 1 and 2) outlives
 * some clients that lie, where each update may be looked at by itself.
 */
import { z } from "zod";
import type { PrivacyPlan } from "../privacy/plan.ts";
import type { Trust } from "../privacy/trust.ts";
import type { Algorithm } from "./algorithms.ts";

const ROBUST = [
  z.strictObject({ kind: z.literal("median") }),
  /** That part of the updates is left out at either end of each coordinate. */
  z.strictObject({ kind: z.literal("trimmedMean"), trim: z.number().gt(0).lt(0.5).default(0.1) }),
] as const;
/** One that looks at each update by itself. */
export const robustAggregationSchema = z.discriminatedUnion("kind", ROBUST);
export const aggregationSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("sum") }),
  ...ROBUST,
]);
export type Aggregation = z.infer<typeof aggregationSchema>;
export type RobustAggregation = z.infer<typeof robustAggregationSchema>;

/** All updates of a cohort are held at once, four bytes an entry; a coordinator has no more for them. */
const MOST_ROBUST_BYTES = 2 ** 30;

/** Updates that are left out at either end: ⌊trim · count⌋, safe from 0.1 · 30 being below 3. */
export function trimmedOf(count: number, trim: number): number {
  return Math.floor(trim * count + 1e-9);
}

/**
 * What a mean over clients is multiplied by to stand for their sum: a constant of the plan, so that how
 * many answered moves nothing. Of unit record every client is in every round.
 */
export function robustWeight({
  unit,
  clients,
  expectedUnits,
}: Pick<PrivacyPlan, "unit" | "clients" | "expectedUnits">): number {
  return unit === "client" ? expectedUnits : clients;
}

export interface AggregationTerms {
  readonly trust: Trust;
  readonly algorithm: Algorithm;
  /** True where the clip norm adapts. */
  readonly adapts: boolean;
  readonly clients: number;
  readonly minCohort: number;
  /** Entries of an update; absent where no model is there yet. */
  readonly parameters?: number;
}

/** key beneath `training`, got, expected, fix. */
type Fault = readonly [key: string, got: unknown, expected: string, fix: string];

/** The first reason why that aggregation has no place there, whoever asked for it; undefined: none. */
export function aggregationFault(
  aggregation: Aggregation | undefined,
  { trust, algorithm, adapts, clients, minCohort, parameters = 0 }: AggregationTerms,
): Fault | undefined {
  if (aggregation === undefined || aggregation.kind === "sum") return undefined;
  const { kind } = aggregation;
  if (trust !== "local" && trust !== "none")
    return [
      "aggregation",
      `${kind} under ${trust}`,
      "sum: its noise is calibrated to the sensitivity of a sum, and one unit moves a median further",
      "Remove it, or take trust local or none.",
    ];
  if (algorithm === "scaffold")
    return [
      "aggregation",
      `${kind} with scaffold`,
      "sum: the coordinator's control is the mean of all clients' controls",
      "Remove it, or take fedAvg.",
    ];
  if (adapts)
    return [
      "aggregation",
      `${kind} with adaptiveClipping`,
      "sum: the clip norm follows a sum of bits",
      "Remove either.",
    ];
  if (aggregation.kind === "trimmedMean" && trimmedOf(minCohort, aggregation.trim) < 1)
    return [
      "aggregation.trim",
      aggregation.trim,
      `at least one of the ${minCohort} updates that clients.minCohort makes sure of`,
      "Raise it, or take median.",
    ];
  const bytes = 4 * clients * parameters;
  if (bytes <= MOST_ROBUST_BYTES) return undefined;
  return [
    "aggregation",
    `${kind} of ${clients} updates of ${parameters} entries`,
    `at most ${MOST_ROBUST_BYTES} bytes of them: all are held at once`,
    "Take fewer clients or a smaller model, or sum.",
  ];
}
