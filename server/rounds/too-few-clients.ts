/**
 * Too few clients are left while rounds and budget remain. Neither a refusal nor an end of the run: it is
 * interrupted, its folder stays, and `murmur resume` goes on with it.
 */
export class TooFewClients extends Error {
  override readonly name = "TooFewClients";
}
