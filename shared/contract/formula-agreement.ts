/**
 * Whether the texts of a contract's formulas are those of what is computed. A contract travels with both,
 * the text for people and the postfix for the machine; a coordinator that writes one and means another
 * is found by parsing the text anew. For clients that join, which show their owner the formulas; it loads
 * the parser.
 */
import { canonicalJson } from "../canonical.ts";
import { isRefusal, ProtocolError } from "../errors.ts";
import type { Contract } from "./contract.ts";
import { isFormulaFeature } from "./feature.ts";
import type { Postfix } from "./formula/formula.ts";
import { parseFormula } from "./formula/parse.ts";
import { formulaText } from "./formula/text.ts";
import type { FormulaScope } from "./formula/types.ts";
import { eventScope, personScope } from "./formulas.ts";
import type { ContractFormula } from "./values.ts";

interface PlacedFormula extends ContractFormula {
  /** "features.recency.formula". */
  readonly place: string;
  readonly scope: FormulaScope;
}

/** @throws ProtocolError `plan.formula` naming the first whose text says something else */
export async function checkFormulaTexts(contract: Contract): Promise<void> {
  for (const { place, formula, postfix, scope } of formulasOf(contract)) {
    const parsed = await parsedOrNone(formula, scope);
    if (parsed && canonicalJson(parsed) === canonicalJson(postfix)) continue;
    throw new ProtocolError({
      what: "plan.formula",
      where: `the plan received, ${place}`,
      got: formula,
      expected: `the text of what is computed, ${formulaText(postfix, scope)}`,
      fix: "Take no part: its coordinator shows one formula and computes another.",
    });
  }
}

function formulasOf({ features, columns, table, where }: Contract): PlacedFormula[] {
  const scope = personScope(columns);
  const filter = table.kind === "events" ? table.where : null;
  return [
    ...(where ? [{ ...where, place: "data.source.where", scope }] : []),
    ...(table.kind === "events" && filter
      ? [
          {
            ...filter,
            place: `data.source.events.${table.log}.where`,
            scope: eventScope(table.fields),
          },
        ]
      : []),
    ...features
      .filter(isFormulaFeature)
      .map((feature) => ({ ...feature, place: `features.${feature.name}.formula`, scope })),
  ];
}

/** undefined for a text that is no formula. */
async function parsedOrNone(text: string, scope: FormulaScope): Promise<Postfix | undefined> {
  try {
    return await parseFormula(text, "the plan received", scope);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undefined;
  }
}
