/**
 * Flags of V8 by which a process optimizes what has run for some milliseconds, in place of half of one: to optimize
 * more than that took a short run a seventh of its processor time. What goes on for longer is optimized as ever.
 * Node 20 alone has the flag; later ones have a quicker compiler before the slow one.
 */
export const OPTIMIZE_LATE: readonly string[] = process.versions.v8.startsWith("11.3.")
  ? ["--interrupt-budget=500000"]
  : [];
