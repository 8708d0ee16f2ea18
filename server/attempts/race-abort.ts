/** Waiting for something that the end of a run makes pointless. */

/**
 * A race with a promise that lives as long as the run would keep whatever ever raced with it: each wait's
 * listener goes with the wait.
 *
 * Rejects with the signal's reason once it is aborted.
 */
export async function raceAbort<T>(work: Promise<T>, ended: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(ended.reason);
  });
  ended.addEventListener("abort", stop, { once: true });
  if (ended.aborted) stop();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    ended.removeEventListener("abort", stop);
  }
}
