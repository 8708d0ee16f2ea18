/**
 * Who takes part in a round, exactly as the accountant is told. With unit record every client does:
 * the records are sampled, by each client's own secret coins, and the coordinator learns nothing
 * of them.
 */
export function sampleCohort(present: readonly number[]): readonly number[] {
  return present;
}
