/**
 * All that the literature says of an anonymized table, in one object. It describes this one table: no
 * part of epsilon, and a function of private rows that stays with them. The names are those under
 * which the golden numbers of test/vectors/anonymity.json stand.
 */
import { largestShare } from "./alpha.ts";
import { betaLikeness, satisfiesEnhancedBeta } from "./beta.ts";
import {
  afterSuppression,
  averageClassSize,
  discernibility,
  discernibilityAt,
  normalizedAverage,
} from "./class-sizes.ts";
import {
  type CodedTable,
  type SensitiveColumn,
  unsuppressedColumns,
  unsuppressedCount,
} from "./coded-table.ts";
import { deltaDisclosure } from "./delta.ts";
import { type Classes, classesOf } from "./equivalence-classes.ts";
import { largestClass, rowsBelow, smallestClass } from "./k.ts";
import { leastDistinct, leastEntropy, recursiveBound, satisfiesRecursive } from "./l.ts";
import type {
  ClassSizeMetrics,
  PrivacyMetrics,
  RiskMetrics,
  SensitiveMetrics,
} from "./privacy-metrics.ts";
import { quotient, type Ratio } from "./ratio.ts";
import { populationSizes, reidentificationRisk, uniqueShare } from "./reidentification.ts";
import { equalDistance, largestDistance, orderedDistance } from "./t.ts";
import { hierarchicalDistance } from "./t-hierarchical.ts";
import { valueCounts } from "./value-counts.ts";

export interface PrivacyModelOptions {
  readonly ks: readonly number[];
  /** Risks of which the share above is asked. */
  readonly taus: readonly number[];
  /** What the rows were drawn from, coded as they are; without it the journalist is a prosecutor. */
  readonly population?: CodedTable | undefined;
  /** uint8[rows], 0 for a suppressed row: the metrics are over the others. */
  readonly kept?: Uint8Array | undefined;
  /** Whether to list the size of every class; by default where there are at most `LISTED_CLASSES`. */
  readonly listClassSizes?: boolean | undefined;
}

const LISTED_CLASSES = 1000;
const RECURSIVE_LS = [2, 3, 4, 5] as const;
const RECURSIVE_PAIRS = [
  { c: 1, l: 2 },
  { c: 3, l: 2 },
  { c: 4, l: 2 },
  { c: 2, l: 3 },
  { c: 3, l: 3 },
  { c: 4, l: 5 },
] as const;
const ENHANCED_BETAS = [1, 2, 3, 5] as const;

/**
 * Each sensitive column is judged by itself, against its distribution over the rows that are kept.
 *
 * @throws ScenarioError where the population lacks some of the rows
 */
export function privacyModels(table: CodedTable, options: PrivacyModelOptions): PrivacyMetrics {
  const { kept } = options;
  const rows = unsuppressedCount(table, kept);
  const classes = classesOf(unsuppressedColumns(table.quasiIdentifiers, kept), rows);
  const { sizes } = classes;
  const listed = options.listClassSizes ?? sizes.length <= LISTED_CLASSES;
  return {
    ...classSizeMetrics(rows, sizes, options.ks),
    ...(listed ? { class_sizes_sorted: [...sizes.slice().sort()] } : {}),
    ...suppressionMetrics(table.rows, rows, sizes),
    // Without rows there is nobody at risk, and no distribution.
    ...(rows > 0
      ? {
          risk: riskMetrics(table, classes, options),
          sensitive: sensitiveMetrics(table, classes, kept),
        }
      : {}),
  };
}

function classSizeMetrics(
  rows: number,
  sizes: Int32Array,
  ks: readonly number[],
): ClassSizeMetrics {
  const byK = <T>(metric: (k: number) => T) => byNumber(ks, metric);
  return {
    rows,
    equivalence_classes: sizes.length,
    k: smallestClass(sizes),
    largest_class: largestClass(sizes),
    records_below_k: byK((k) => rowsBelow(sizes, k)),
    suppression_needed_fraction: byK((k) => (rows === 0 ? 0 : rowsBelow(sizes, k) / rows)),
    average_class_size: averageClassSize(sizes),
    c_avg: byK((k) => normalizedAverage(sizes, k)),
    discernibility: discernibility(sizes),
    discernibility_at_k: byK((k) => discernibilityAt(sizes, k)),
    after_suppression: byK((k) => {
      const left = afterSuppression(sizes, k);
      return {
        rows: left.rows,
        equivalence_classes: left.classes,
        k: left.k,
        average_class_size: left.averageClassSize,
      };
    }),
  };
}

function suppressionMetrics(rows: number, released: number, sizes: Int32Array) {
  const suppressed = rows - released;
  if (suppressed === 0) return {};
  return {
    suppressed_rows: suppressed,
    suppressed_fraction: suppressed / rows,
    discernibility_with_suppressed: discernibility(sizes) + suppressed * rows,
  };
}

function riskMetrics(
  table: CodedTable,
  classes: Classes,
  { taus, population, kept }: PrivacyModelOptions,
): RiskMetrics {
  const { sizes } = classes;
  const measured = (of: Int32Array) => {
    const { max, min, average, matched, shareAbove } = reidentificationRisk(sizes, of);
    return { risk: { max, min, average, share_above: byNumber(taus, shareAbove) }, matched };
  };
  const prosecutor = measured(sizes);
  const journalist = population
    ? measured(
        populationSizes(unsuppressedColumns(table.quasiIdentifiers, kept), classes, population),
      )
    : prosecutor;
  return {
    prosecutor: prosecutor.risk,
    journalist: journalist.risk,
    marketer: { average: journalist.matched },
    unique_rows_share: uniqueShare(sizes),
  };
}

function sensitiveMetrics(
  table: CodedTable,
  classes: Classes,
  kept: Uint8Array | undefined,
): Readonly<Record<string, SensitiveMetrics>> {
  const metrics: [name: string, SensitiveMetrics][] = [];
  for (const column of unsuppressedColumns(table.sensitive, kept))
    metrics.push([column.name, columnMetrics(classes, column)]);
  return Object.fromEntries(metrics);
}

function columnMetrics(classes: Classes, column: SensitiveColumn): SensitiveMetrics {
  const counts = valueCounts(classes, column);
  const entropy = leastEntropy(counts);
  const bounds = new Map<number, Ratio | null>(
    RECURSIVE_LS.map((l) => [l, recursiveBound(counts, l)]),
  );
  const { nats, bits, strictInfinite } = deltaDisclosure(counts);
  const beta = betaLikeness(counts);
  const ordered = column.order && orderedDistance(counts, column.order);
  const byTree = column.tree && hierarchicalDistance(counts, column.tree);
  return {
    distinct_l: leastDistinct(counts),
    min_entropy_nats: entropy,
    entropy_l: Math.exp(entropy),
    recursive_c_bound: byNumber(RECURSIVE_LS, (l) => {
      const bound = bounds.get(l) ?? null;
      return bound && quotient(bound);
    }),
    recursive: RECURSIVE_PAIRS.map(({ c, l }) => ({
      c,
      l,
      satisfied: satisfiesRecursive(bounds.get(l) ?? null, c),
    })),
    t_equal: quotient(largestDistance(counts, equalDistance(counts))),
    ...(ordered && { t_ordered: quotient(largestDistance(counts, ordered)) }),
    ...(byTree && { t_hierarchical: quotient(largestDistance(counts, byTree)) }),
    delta_nats: nats,
    delta_bits: bits,
    delta_strict_infinite: strictInfinite,
    beta_basic: quotient(beta.basic),
    enhanced_beta_satisfied: byNumber(ENHANCED_BETAS, (limit) =>
      satisfiesEnhancedBeta(beta, limit),
    ),
    alpha: quotient(largestShare(counts)),
  };
}

function byNumber<T>(
  keys: readonly number[],
  metric: (key: number) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(keys.map((key) => [String(key), metric(key)]));
}
