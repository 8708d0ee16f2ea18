/** What training gives of one client, before it is rounded and noised. */
export interface Contribution {
  /** Of the clipped units: float64[parameters], finite. */
  readonly sum: Float64Array;
  /** Over the same units: +1 for one within the clip norm, -1 for one that was clipped. */
  readonly bits: number;
  /** False where a whole update was not, so that zeros stand in its place. Never told of private rows. */
  readonly finite: boolean;
}
