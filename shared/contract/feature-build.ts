/** A feature's keys in the scenario → what the contract says of it, for the launcher. */
import { ScenarioError } from "../errors.ts";
import type { Scenario } from "../scenario/schema.ts";
import type { ContractColumn } from "./contract.ts";
import { type Feature, LEAST_DEVIATION, type ScatterFeature } from "./feature.ts";
import { parseFormula } from "./formula/parse.ts";
import { deriveFeature, personScope } from "./formulas.ts";
import { deriveImageFeature } from "./image-features.ts";
import type { ReadText } from "./recoding-build.ts";
import { SCATTER_CHANNELS } from "./scatter-shape.ts";

type ScenarioFeature = Scenario["features"][string];
type ScatterKeys = NonNullable<ScenarioFeature["scatter"]>;

/** @throws ScenarioError at `where` */
export async function buildFeature(
  name: string,
  { formula, bounds, scale, image: column, mean, stddev, scatter }: ScenarioFeature,
  columns: readonly ContractColumn[],
  readText: ReadText,
  where: string,
): Promise<Feature> {
  if (column !== undefined && scatter !== undefined) {
    const { pad, pool = null } = scatter;
    const normalisation = await buildNormalisation(scatter, readText, `${where}.scatter`);
    const spec = { name, kind: "scatter", column, pad, normalisation, pool } as const;
    return deriveImageFeature(spec, columns, where);
  }
  if (column !== undefined) {
    const spec = { name, kind: "image", column, mean: mean ?? 0, stddev: stddev ?? 1 } as const;
    return deriveImageFeature(spec, columns, where);
  }
  if (formula === undefined) throw new TypeError("unchecked feature: neither formula nor image");
  const scope = personScope(columns);
  const postfix = await parseFormula(formula, `${where}.formula`, scope);
  const stated =
    typeof bounds === "string"
      ? ({ bounds: null, learned: true } as const)
      : { bounds: bounds ?? null };
  return deriveFeature({ name, formula, postfix, scale, ...stated }, scope, where);
}

async function buildNormalisation(
  { channels, groups }: ScatterKeys,
  readText: ReadText,
  where: string,
): Promise<ScatterFeature["normalisation"]> {
  if (groups !== undefined) return { kind: "groups", groups };
  if (channels === undefined) return { kind: "none" };
  return {
    kind: "channels",
    ...channelConstants(await readText(channels), `${where}.channels, ${channels}`),
  };
}

const HEADER = "mean,stddev";
const LINE = /^(\d+(?:\.\d+)?(?:e-?\d+)?),(\d+(?:\.\d+)?(?:e-?\d+)?)$/;

/**
 * A file of constants: `mean,stddev`, then a line for each channel in the transform's order.
 *
 * @throws ScenarioError `channels` naming the first line that is none
 */
function channelConstants(text: string, where: string) {
  const [header, ...lines] = text.trimEnd().split(/\r?\n/);
  if (header !== HEADER) throw misread(where, "another first line", HEADER);
  if (lines.length !== SCATTER_CHANNELS)
    throw misread(where, `${lines.length} lines`, `${SCATTER_CHANNELS}, one for each channel`);
  const pairs = lines.map((line, i) => {
    const [, mean, stddev] = LINE.exec(line) ?? [];
    if (mean !== undefined && Number(stddev) >= LEAST_DEVIATION)
      return { mean: Number(mean), stddev: Number(stddev) };
    const expected = `a mean and a standard deviation of at least ${LEAST_DEVIATION}`;
    throw misread(`${where}, line ${i + 2}`, line, expected);
  });
  return { means: pairs.map(({ mean }) => mean), stddevs: pairs.map(({ stddev }) => stddev) };
}

function misread(where: string, got: string, expected: string): ScenarioError {
  return new ScenarioError({ what: "channels", where, got, expected, fix: "Mend the file." });
}
