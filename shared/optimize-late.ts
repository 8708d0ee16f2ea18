/**
 * Flags of V8 by which a function is optimized once 500,000 bytes of its bytecode have run, in place of 67,584: to
 * optimize sooner took a short run a seventh of its processor time. A longer run waits for it (run/hosts/DECISIONS.md).
 * Node 20 alone has the flag; later ones have a quicker compiler before the slow one.
 */
export const OPTIMIZE_LATE: readonly string[] = process.versions.v8.startsWith("11.3.")
  ? ["--interrupt-budget=500000"]
  : [];
