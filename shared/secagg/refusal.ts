/** Refusals of the masked protocol: a peer, or whoever relays for it, broke a rule of it. */
import { type Problem, ProtocolError } from "../errors.ts";

/** What went wrong, without its prefix `secagg.`. */
export type SecaggFault =
  /** A message out of its turn, or a second one of a step. */
  | "step"
  /** An attempt that is not later than all before it. */
  | "attempt"
  /** Derived numbers that differ from those of the plan. */
  | "terms"
  /** Fewer clients, or holders of someone's shares, than may go on. */
  | "below-threshold"
  /** Published keys that cannot be used, are there twice, or are not those a client advertised. */
  | "keys"
  | "signature"
  /** A graph that the conditions do not allow. */
  | "graph"
  | "packet"
  /** A list of survivors that cannot be, or is not the one that was signed. */
  | "survivors"
  /** Bytes that are no list of what a step sends. */
  | "list"
  /** A masked vector of another length. */
  | "vector"
  | "share-mismatch"
  /** Decoded words beyond what any sum can reach: some secret was rebuilt wrongly. */
  | "sum-range";

/** @param where whose message of which step; @param got never a key, a share or a word of a vector */
export function secaggRefusal(
  fault: SecaggFault,
  where: string,
  got: unknown,
  expected: string,
): ProtocolError {
  return new ProtocolError(secaggProblem(fault, where, got, expected));
}

export function secaggProblem(
  fault: SecaggFault,
  where: string,
  got: unknown,
  expected: string,
): Problem {
  const fix = "Give the attempt up; what it was charged stays charged.";
  return { what: `secagg.${fault}`, where, got, expected, fix };
}
