/** Features whose bounds are not in the contract yet, and the contract once they are. */
import { type Contract, recodedColumns } from "../contract/contract.ts";
import type { Feature, NumberFeature } from "../contract/feature.ts";
import type { Range } from "./range.ts";

export interface LearnedFeature {
  readonly feature: NumberFeature;
  /** Its place among the model's inputs. */
  readonly input: number;
  /** What an empty cell counts as, where the feature is a column as it is: no number to learn from. */
  readonly missing: number | null;
}

/** In the contract's order. */
export function learnedFeatures(
  contract: Pick<Contract, "features" | "columns">,
): readonly LearnedFeature[] {
  let at = 0;
  return contract.features.flatMap((feature) => {
    const input = at;
    at += feature.width;
    if (feature.kind !== "number" || !feature.learned) return [];
    return [{ feature, input, missing: missingNumber(feature, contract) }];
  });
}

function missingNumber(
  { postfix }: NumberFeature,
  { columns }: Pick<Contract, "columns">,
): number | null {
  const [first, ...others] = postfix;
  if (first?.[0] !== "name" || others.length > 0) return null;
  const column = recodedColumns(columns).find(({ name }) => name === first[1]);
  return column?.recoding.kind === "number" ? column.recoding.missing : null;
}

/** The same contract with bounds for those of its features that have learned them, by name. */
export function withBounds<Whole extends Pick<Contract, "features">>(
  contract: Whole,
  boundsOf: ReadonlyMap<string, Range>,
): Whole {
  const features = contract.features.map((feature): Feature => {
    const bounds = boundsOf.get(feature.name);
    if (feature.kind !== "number" || bounds === undefined) return feature;
    const { learned: _, ...known } = feature;
    return { ...known, bounds };
  });
  return { ...contract, features };
}
