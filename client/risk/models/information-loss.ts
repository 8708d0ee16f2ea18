/**
 * How much recoding blurs: precision (Sweeney 2002), LM (Iyengar 2002), NCP and its mean GCP (Xu et
 * al. 2006). A suppressed cell loses all there is to lose.
 */

export type GeneralizedColumn = {
  readonly name: string;
  /** To which its cells were raised, of `height`; 0 ≤ level ≤ height. */
  readonly level: number;
  readonly height: number;
} & (
  | {
      readonly kind: "categories";
      /** [rows]: leaves under the cell's value, in [1, domain]. */
      readonly leaves: Int32Array;
      /** Leaves of the hierarchy, whether they occur or not. */
      readonly domain: number;
    }
  | {
      readonly kind: "intervals";
      /** [rows]: high - low of the cell's interval, in [0, domain]. */
      readonly widths: Float64Array;
      /** Largest less smallest number that the column may hold. */
      readonly domain: number;
    }
);

interface ColumnLoss {
  /** Mean of level ÷ height. */
  readonly generalization_intensity: number;
  readonly lm: number;
  readonly ncp: number;
}

export interface InformationLoss {
  readonly per_column: Readonly<Record<string, ColumnLoss>>;
  /** 1 less the mean of the columns' intensity: 1 where nothing is lost. The others are losses. */
  readonly precision: number;
  readonly lm: number;
  readonly gcp_ncp: number;
}

/** @param kept uint8[rows], 0 for a suppressed row. Totals are plain means over the columns. */
export function informationLoss(
  columns: readonly GeneralizedColumn[],
  kept?: Uint8Array,
): InformationLoss {
  const losses = columns.map((column) => columnLoss(column, kept));
  const mean = (loss: (of: ColumnLoss) => number) =>
    losses.reduce((sum, of) => sum + loss(of), 0) / Math.max(1, losses.length);
  return {
    per_column: Object.fromEntries(columns.map(({ name }, i) => [name, losses[i] ?? NO_LOSS])),
    precision: 1 - mean((of) => of.generalization_intensity),
    lm: mean((of) => of.lm),
    gcp_ncp: mean((of) => of.ncp),
  };
}

const NO_LOSS: ColumnLoss = { generalization_intensity: 0, lm: 0, ncp: 0 };

function columnLoss(column: GeneralizedColumn, kept: Uint8Array | undefined): ColumnLoss {
  const cells = column.kind === "categories" ? column.leaves : column.widths;
  if (cells.length === 0) return NO_LOSS;
  if (kept && kept.length !== cells.length)
    throw new RangeError(`column ${column.name}: ${cells.length} cells for ${kept.length} rows`);
  const { suppressed, lm, ncp } =
    column.kind === "categories"
      ? leavesLost(column.leaves, column.domain, kept)
      : widthLost(column.widths, column.domain, kept);
  const raised = column.height === 0 ? 0 : column.level / column.height;
  const rows = cells.length;
  return {
    generalization_intensity: ((rows - suppressed) * raised + suppressed) / rows,
    lm: (lm + suppressed) / rows,
    ncp: (ncp + suppressed) / rows,
  };
}

interface CellLosses {
  readonly suppressed: number;
  /** Sums over the cells that are not. */
  readonly lm: number;
  readonly ncp: number;
}

/** A leaf stands for itself alone and loses nothing, in NCP too. */
function leavesLost(leaves: Int32Array, domain: number, kept: Uint8Array | undefined): CellLosses {
  let [suppressed, others, blurred] = [0, 0, 0];
  for (const [row, under] of leaves.entries()) {
    if (kept?.[row] === 0) suppressed += 1;
    else if (under > 1) {
      others += under - 1;
      blurred += under;
    }
  }
  return { suppressed, lm: others / Math.max(1, domain - 1), ncp: blurred / domain };
}

function widthLost(widths: Float64Array, domain: number, kept: Uint8Array | undefined): CellLosses {
  const shown = kept ? widths.filter((_, row) => kept[row] !== 0) : widths;
  const lost = domain > 0 ? sumOf(shown, (width) => width) / domain : 0;
  return { suppressed: widths.length - shown.length, lm: lost, ncp: lost };
}

/** Value by value and upwards, so that the sum's last digit depends on no order of rows. */
function sumOf(cells: Float64Array, term: (cell: number) => number): number {
  const times = new Map<number, number>();
  for (const cell of cells) times.set(cell, (times.get(cell) ?? 0) + 1);
  return [...times]
    .sort(([a], [b]) => a - b)
    .reduce((sum, [cell, count]) => sum + count * term(cell), 0);
}
