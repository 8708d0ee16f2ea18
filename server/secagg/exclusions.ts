/** Who is left out of a run's further masked attempts, once clients have said of others' packets that they do not open. */

/** One says that what another sealed for it does not open: by client index. */
export interface Complaint {
  readonly by: number;
  readonly of: number;
}

/**
 * The coordinator can open no packet, so it cannot see who lies, sender or receiver: both go, and whoever
 * lies takes one other along at most. Of whom more complain than may collude, one at least is honest: that
 * sender goes alone.
 *
 * @param complaints of one attempt, in the order in which they came
 * @param colluders how many of a cohort may be dishonest
 * @returns client indices
 */
export function leftOut(complaints: readonly Complaint[], colluders: number): ReadonlySet<number> {
  const complainants = new Map<number, Set<number>>();
  for (const { by, of } of complaints)
    complainants.set(of, (complainants.get(of) ?? new Set()).add(by));
  const out = new Set<number>();
  for (const [of, all] of complainants) if (all.size > colluders) out.add(of);
  for (const { by, of } of complaints) if (!out.has(by) && !out.has(of)) out.add(by).add(of);
  return out;
}
