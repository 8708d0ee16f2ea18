/** Times that a busy machine does not make longer: nobody is stalled in each of several tries. */

/** Milliseconds of the fastest of `tries`; no more tries once one took at most `enoughMs`. */
export async function fastestMs(
  work: () => unknown,
  { tries = 8, enoughMs = 0 }: { readonly tries?: number; readonly enoughMs?: number } = {},
): Promise<number> {
  let fastest = Infinity;
  for (let i = 0; i < tries && fastest > enoughMs; i++) {
    const start = performance.now();
    await work();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}
