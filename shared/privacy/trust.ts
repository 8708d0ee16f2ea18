/** Whom noise protects against depends on who adds it. */

/** Who adds the noise: the coordinator; each client, all of it or a share under masks; nobody. */
export const TRUSTS = ["central", "local", "distributed", "none"] as const;
export type Trust = (typeof TRUSTS)[number];
