/** Days of the calendar, in UTC. */
export const DAY_MS = 86_400_000;

/** Whole days from one moment to another, so that the last instant before `toMs` is day 0. */
export function daysBetween(fromMs: number, toMs: number): number {
  return Math.floor((toMs - fromMs) / DAY_MS);
}

/** Midnight UTC of a day as YYYY-MM-DD, in ms; NaN where the calendar has no such day. */
export function dayMs(day: string): number {
  const ms = Date.parse(`${day}T00:00:00Z`);
  // Date.parse takes 31 February for a day of March.
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === day ? ms : Number.NaN;
}
