/** The golden vectors of test/vectors/accounting-mechanisms.json, parsed, with their own tolerance. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const number = z.number();
const tolerance = z.object({ rel: number, abs: number, rel_below: number.optional() });

function kind<Kind extends string, Inputs extends z.ZodType, Expected extends z.ZodType>(
  name: Kind,
  inputs: Inputs,
  expected: Expected,
) {
  return z.object({ id: z.string(), kind: z.literal(name), inputs, expected, tolerance });
}

function plain<Inputs extends z.ZodType, Expected extends z.ZodType>(
  inputs: Inputs,
  expected: Expected,
) {
  return z.object({ id: z.string(), inputs, expected, tolerance });
}

const selection = z.object({ utilities: z.array(number), sensitivity: number, epsilon: number });
const odds = z.array(number);
const fixedSize = { dataset_size: number, sample_size: number, sigma: number };

const sections = z.object({
  zcdp: z.array(
    z.discriminatedUnion("kind", [
      kind(
        "rho_to_epsilon",
        z.object({ rho: number, delta: number }),
        z.object({
          epsilon: number,
          optimal_alpha: number,
          epsilon_simple_bun_steinke: number,
        }),
      ),
      kind(
        "epsilon_to_rho",
        z.object({ epsilon: number, delta: number }),
        z.object({ rho: number }),
      ),
      kind(
        "discrete_gaussian",
        z.object({ l2_sensitivity: number, sigma: number, steps: number, delta: number }),
        z.object({ rho_per_step: number, rho_total: number, epsilon: number }),
      ),
      kind(
        "distributed_discrete_gaussian",
        z.object({
          clients: number,
          sigma_per_client: number,
          dim: number,
          l2_sensitivity: number,
          l1_sensitivity: number,
          alpha: number,
        }),
        z.object({ tau: number, epsilon_rdp: number, rho_zcdp: number, rho_without_tau: number }),
      ),
    ]),
  ),
  mechanisms: z.array(
    z.discriminatedUnion("kind", [
      kind(
        "discrete_gaussian_pmf",
        z.object({ sigma_squared: number, x: z.array(number) }),
        z.object({
          pmf: z.array(number),
          variance: number,
          normaliser: number,
          tail_probability_ge: z.object({ x: number, value: number }),
        }),
      ),
      kind(
        "k_ary_randomized_response",
        z.object({ categories: number, epsilon: number }),
        z.object({
          prob_truth: number,
          prob_each_other: number,
          unbias_slope: number,
          dp_accounting_noise_parameter: number,
          estimator_variance_per_user_at_freq_zero: number,
        }),
      ),
      kind(
        "randomized_response_epsilon",
        z.object({ categories: number, resample_probability: number }),
        z.object({ epsilon: number }),
      ),
      kind(
        "laplace",
        z.object({ l1_sensitivity: number, epsilon: number, query_epsilon: number }),
        z.object({ scale: number, delta_at_query_epsilon: number }),
      ),
      kind(
        "laplace_rdp",
        z.object({ epsilon: number, alpha: number }),
        z.object({ epsilon_rdp: number }),
      ),
      kind(
        "exponential_mechanism",
        selection,
        z.object({ probabilities: odds, gumbel_scale: number }),
      ),
      kind(
        "report_noisy_max_exponential_noise",
        selection,
        z.object({ probabilities: odds, noise_scale: number }),
      ),
      kind(
        "report_noisy_max_laplace",
        selection,
        z.object({ probabilities: odds, noise_scale: number }),
      ),
    ]),
  ),
  fixed_size_sampling_wor: z.array(
    z.union([
      plain(z.object({ ...fixedSize, alpha: number }), z.object({ epsilon_rdp: number })),
      plain(
        z.object({ ...fixedSize, steps: number, delta: number }),
        z.object({ epsilon: number, optimal_order: number }),
      ),
    ]),
  ),
  tree_aggregation: z.array(
    plain(
      z.object({ sigma: number, steps: z.array(number), alpha: number, delta: number }),
      z.object({
        tree_depth: number,
        epsilon_rdp: number,
        epsilon: number,
        optimal_order: number,
      }),
    ),
  ),
  adaptive_clipping: z.array(
    z.discriminatedUnion("kind", [
      kind(
        "geometric_update_trace",
        z.object({
          initial_clip: number,
          target_quantile: number,
          learning_rate: number,
          noisy_unclipped_fractions: z.array(number),
        }),
        z.object({ clip_norms: z.array(number) }),
      ),
      kind(
        "noise_split",
        z.object({
          effective_noise_multiplier: number,
          sigma_b: number,
          clients_per_round: number,
        }),
        z.object({
          feasible: z.boolean(),
          z_delta: number.nullable(),
          std_of_noise_on_mean_bit: number,
        }),
      ),
      kind(
        "clipped_count",
        z.object({ norms: z.array(number), clip: number }),
        z.object({ unclipped_fraction: number, shifted_bit_sum: number }),
      ),
    ]),
  ),
});

const file = join(import.meta.dirname, "../vectors/accounting-mechanisms.json");
export const goldenMechanisms = z
  .object({ sections })
  .parse(JSON.parse(readFileSync(file, "utf8"))).sections;

/** The cases of one kind. */
export function ofKind<Case extends { readonly kind: string }, Kind extends Case["kind"]>(
  cases: readonly Case[],
  name: Kind,
): Extract<Case, { kind: Kind }>[] {
  const is = (one: Case): one is Extract<Case, { kind: Kind }> => one.kind === name;
  const found = cases.filter(is);
  if (found.length === 0) throw new Error(`no case of kind ${name}`);
  return found;
}
