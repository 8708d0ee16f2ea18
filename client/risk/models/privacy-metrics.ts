/** What privacyModels gives: plain data, by the names of the golden numbers, ready for a report. */

/** By k, tau or another parameter, as text: "5", "0.05". */
type ByParameter<T> = Readonly<Record<string, T>>;

export interface ClassSizeMetrics {
  /** Released rows. */
  readonly rows: number;
  readonly equivalence_classes: number;
  /** 0 without rows. */
  readonly k: number;
  readonly largest_class: number;
  readonly records_below_k: ByParameter<number>;
  readonly suppression_needed_fraction: ByParameter<number>;
  readonly average_class_size: number;
  readonly c_avg: ByParameter<number>;
  readonly discernibility: number;
  readonly discernibility_at_k: ByParameter<number>;
  readonly after_suppression: ByParameter<{
    readonly rows: number;
    readonly equivalence_classes: number;
    readonly k: number;
    readonly average_class_size: number;
  }>;
}

/** Chances in [0, 1] that a row is told to be its person's. */
interface AttackerRisk {
  readonly max: number;
  readonly min: number;
  readonly average: number;
  /** Share of rows at a risk above tau, strictly. */
  readonly share_above: ByParameter<number>;
}

export interface RiskMetrics {
  readonly prosecutor: AttackerRisk;
  readonly journalist: AttackerRisk;
  readonly marketer: { readonly average: number };
  readonly unique_rows_share: number;
}

export interface SensitiveMetrics {
  readonly distinct_l: number;
  readonly min_entropy_nats: number;
  readonly entropy_l: number;
  /** By l; null where some class has fewer than l values. */
  readonly recursive_c_bound: ByParameter<number | null>;
  readonly recursive: readonly {
    readonly c: number;
    readonly l: number;
    readonly satisfied: boolean;
  }[];
  readonly t_equal: number;
  /** With a declared order only, and where it has every value that occurs. */
  readonly t_ordered?: number;
  /** The same of a tree. */
  readonly t_hierarchical?: number;
  readonly delta_nats: number;
  readonly delta_bits: number;
  readonly delta_strict_infinite: boolean;
  readonly beta_basic: number;
  readonly enhanced_beta_satisfied: ByParameter<boolean>;
  readonly alpha: number;
}

export interface PrivacyMetrics extends ClassSizeMetrics {
  /** Ascending. */
  readonly class_sizes_sorted?: readonly number[];
  /** These three only where rows were suppressed. */
  readonly suppressed_rows?: number;
  readonly suppressed_fraction?: number;
  readonly discernibility_with_suppressed?: number;
  /** These two only where there are rows. */
  readonly risk?: RiskMetrics;
  readonly sensitive?: Readonly<Record<string, SensitiveMetrics>>;
}
