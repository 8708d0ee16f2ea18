/** Whether a table's numbers have commas in the place of points: read off its columns, refused where it is unclear. */
import { ScenarioError } from "../../shared/errors.ts";
import type { ColumnProposal } from "./columns.ts";

/**
 * @param columns as they were read with points
 * @returns undefined: no column's numbers have commas
 * @throws ScenarioError where they might part thousands in every column that has them
 */
export function decimalOf(
  columns: readonly Pick<ColumnProposal, "from" | "shape">[],
): "," | undefined {
  const numeric = columns.filter(({ shape }) => shape.commas.throughout);
  const [first] = numeric;
  if (first === undefined) return undefined;
  if (numeric.some(({ shape }) => !shape.commas.unclear)) return ",";
  throw new ScenarioError({
    what: "init",
    where: `--from, column ${first.from}`,
    got: "numbers with a comma before three digits",
    expected: "ones that show whether it stands before tenths or parts thousands",
    fix: "Say which: --decimal , (tenths), or --decimal . (they stay text).",
  });
}
