/**
 * What happened to the data, apart from whoever accounts for it: one event for each adversary and
 * attempt. A ledger line says exactly this, and every epsilon is recomputed from it.
 */

/** How units come into a round; always over the unit of privacy. */
export type Sampling =
  | { readonly kind: "full" }
  /** Each unit by a secret coin of its own. `rate` in (0, 1]. */
  | { readonly kind: "poisson"; readonly rate: number };

/** Against whom a guarantee holds. */
export const ADVERSARIES = ["modelRecipients", "otherClients", "coordinator"] as const;
export type Adversary = (typeof ADVERSARIES)[number];
/** One value for each adversary. */
export type ByAdversary<T> = Readonly<Record<Adversary, T>>;

/** The same question asked of each adversary. */
export function byAdversary<T>(value: (adversary: Adversary) => T): ByAdversary<T> {
  return {
    modelRecipients: value("modelRecipients"),
    otherClients: value("otherClients"),
    coordinator: value("coordinator"),
  };
}

export type PrivacyEvent =
  | {
      readonly mechanism: "gaussian";
      /** Standard deviation of the noise on the sum ÷ its L2 sensitivity. > 0. */
      readonly noiseMultiplier: number;
      readonly sampling: Sampling;
      /** One unit contributes nothing instead; the population's size is public. */
      readonly adjacency: "zeroOut";
    }
  /** Released as it is: no bound at all. */
  | { readonly mechanism: "none" };

/** Who turns events into an epsilon: `gdp` exactly (full batch only), `rdp` as a bound. */
export type Accountant = "gdp" | "rdp";
