/** What every command's `--json` and `--quiet` mean. */
export interface OutputOptions {
  /** One JSON object, and nothing else. */
  readonly json?: boolean;
  /** The result only. */
  readonly quiet?: boolean;
}
