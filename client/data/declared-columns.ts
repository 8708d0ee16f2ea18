/** A source's columns held against the contract's: every one is declared, every declared one there. */
import type { Contract } from "../../shared/contract/contract.ts";
import { shapeText } from "../../shared/contract/recoding.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { nearest } from "../../shared/scenario/refusal/nearest.ts";
import { refuseFile } from "../source/source-refusal.ts";
import type { TableSource } from "../source/table-source.ts";

/** What of a contract a source is read by. */
export type SourceContract = Pick<Contract, "table" | "columns">;

/** Neither side is guessed at. @throws ScenarioError for the first column that is on one side only */
export function checkColumns(
  header: readonly string[],
  { table, columns }: SourceContract,
  path: string,
) {
  const events = table.kind === "events" ? table : null;
  const declared = columns.flatMap((column) => {
    if (!events || column.role !== "eventLog") return [column.from];
    const category = column.category ? [column.category.from] : [];
    return [events.time, ...events.fields, ...category];
  });
  // A first line without any declared name is most likely a row: what stands in it is not quoted.
  if (!header.some((name) => declared.includes(name)))
    refuseFile("data.header", path, "none of the declared names", EXPECTED_NAMES, NO_HEADER);
  const undeclared = header.filter((name) => !declared.includes(name));
  const missing = declared.filter((name) => !header.includes(name));
  refuseRenamed(missing, undeclared, path);
  const [stray] = undeclared;
  if (stray !== undefined)
    refuseColumn(stray, `a column of ${path}`, "its role under data.columns", "undeclared", DROP);
  const [absent] = missing;
  if (absent !== undefined) refuseColumn(absent, `no such column in ${path}`, expectedIn(header));
}

const EXPECTED_NAMES = "a first line of columns' names";
const NO_HEADER = "Write that line, or list the names in data.source.header.";
const DROP = "Declare it, role: drop if it is of no use; or take it out of the file.";

/** One on either side of nearly the same name, or the only one on either, are most likely the same. */
function refuseRenamed(
  missing: readonly string[],
  undeclared: readonly string[],
  path: string,
): void {
  for (const name of missing) {
    const near = nearest(name, undeclared) ?? (missing.length === 1 ? only(undeclared) : undefined);
    if (near === undefined) continue;
    const got = `no such column in ${path}, but ${near}, which is not declared`;
    refuseColumn(
      name,
      got,
      EXPECTED,
      "missing",
      `If it is the same, rename it in the file, or say from: ${near} of it.`,
    );
  }
}

function only(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

const EXPECTED = "a column of that name";

/** An IDX file of images whose name leads to no labels has that one column. */
function expectedIn(header: readonly string[]): string {
  return header.join() === "image"
    ? `${EXPECTED}; labels of images NAME-images-idx3-ubyte are read from NAME-labels-idx1-ubyte beside them`
    : EXPECTED;
}

export function refuseColumn(
  column: string,
  got: string,
  expected: string,
  fault: "undeclared" | "missing" = "missing",
  fix = "Make data.columns and the source name the same columns; from: gives a raw name.",
): never {
  throw new ScenarioError({
    what: `data.${fault}Column`,
    where: `data.columns, ${column}`,
    got,
    expected,
    fix,
  });
}

/** An image of as many bytes may still be of another shape: 8 × 8 is no 4 × 16. */
export function checkImages(
  { imageShape }: TableSource,
  { columns }: SourceContract,
  path: string,
): void {
  for (const column of columns) {
    if (!imageShape || !("recoding" in column) || column.recoding.kind !== "image") continue;
    const { shape } = column.recoding;
    const [height, width, channels = 1] = imageShape;
    if (height === shape[0] && width === shape[1] && channels === shape[2]) continue;
    const got = `images of ${imageShape.join("×")} pixels`;
    refuseFile("data.imageShape", path, got, `${shapeText(shape)}, as ${column.name} declares`);
  }
}
