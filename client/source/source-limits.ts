/** What a file of rows may cost: named, so that no file takes more memory than it is worth. */

export interface SourceLimits {
  /** Of one row, and so of any cell. */
  readonly rowBytes: number;
  readonly columns: number;
  /** Of the file once unpacked. */
  readonly fileBytes: number;
  /** Unpacked ÷ packed; counted once more than `smallBytes` have come out. */
  readonly ratio: number;
  readonly smallBytes: number;
  /** Parquet: of the footer, and what reading it may take; 16 MiB are read in about one second. */
  readonly footerBytes: number;
  readonly footerMs: number;
  /** Parquet: of one row group, packed or not. */
  readonly groupBytes: number;
  /** Parquet: cells that are decoded at a time. */
  readonly heldCells: number;
}

export const SOURCE_LIMITS: SourceLimits = {
  rowBytes: 1_048_576,
  columns: 10_000,
  fileBytes: 4_294_967_296,
  ratio: 200,
  smallBytes: 1_048_576,
  footerBytes: 16_777_216,
  footerMs: 20_000,
  groupBytes: 536_870_912,
  heldCells: 1_048_576,
};

/** Rows that a source hands on at once. */
export const BATCH_ROWS = 1_024;
