/**
 * Whether a column holds names of people: its header, the shape of its values, and how many have a
 * word of the lists of names. The less the header says, the more the values must.
 */
import type { CellForm } from "./cell-form.ts";
import type { ColumnCount } from "./column-count.ts";
import type { HeaderSays } from "./header-words.ts";

type Verdict = "certain" | "likely" | undefined;
/** Share of the distinct cells that have a form. */
type Share = (form: keyof CellForm) => number;

export function looksLikeNames(
  header: HeaderSays,
  of: Share,
  { formed, likeness }: Pick<ColumnCount, "formed" | "likeness">,
): Verdict {
  if (formed === 0 || of("thing") > 0.25) return undefined;
  if (header.personName) return underNameOfPerson(of);
  if (header.thing || isOfAnother(header)) return undefined;
  if (header.name || (header.person && !header.number))
    return underName(header, of, formed) ?? soundsLikeNames(of, formed, likeness);
  return underAnyHeader(of, formed) ?? soundsLikeNames(of, formed, likeness);
}

function underNameOfPerson(of: Share): Verdict {
  if (of("nameShaped") < 0.6 || of("place") > 0.5) return undefined;
  const known = Math.max(of("given"), of("family"));
  return known >= 0.3 || of("otherScript") >= 0.5 ? "certain" : "likely";
}

function underName({ person }: HeaderSays, of: Share, formed: number): Verdict {
  if (of("nameShaped") < 0.6) return undefined;
  const given = of("given");
  const manyNames = given >= 0.35 || (of("several") >= 0.6 && given + of("family") >= 0.5);
  if (manyNames) return person ? "certain" : "likely";
  // Scripts whose names no list has: only where the header is a person's.
  return person && of("otherScript") >= 0.6 && formed >= 3 ? "likely" : undefined;
}

function underAnyHeader(of: Share, formed: number): Verdict {
  if (of("nameShaped") < 0.8 || of("capital") < 0.8) return undefined;
  const given = of("given");
  if (of("several") >= 0.8 && given >= 0.5 && formed >= 3) return "likely";
  return given >= 0.75 && formed >= 8 ? "likely" : undefined;
}

/** Given or family names alone, of which no list holds enough: by their letters, where there are enough of them. */
function soundsLikeNames(of: Share, formed: number, likeness: ColumnCount["likeness"]): Verdict {
  if (formed < ENOUGH_NAMES || of("nameShaped") < 0.9 || of("capital") < 0.9) return undefined;
  if (of("company") > 0.1 || of("thing") > 0.1 || of("place") > 0.2) return undefined;
  const { share, mean } = likeness();
  // Of several words, as towns and firms have them too, more must sound so.
  const [leastShare, leastMean] = of("several") > 0.5 ? [0.8, 1] : [0.6, 0.5];
  return share >= leastShare && mean >= leastMean ? "likely" : undefined;
}

/** Distinct words from which on their letters say something. */
const ENOUGH_NAMES = 12;

/** "city", "occupation": what holds names of cities, or of trades, by its own word. */
function isOfAnother({ kind }: HeaderSays): boolean {
  return kind !== null && kind !== "free_text" && kind !== "username";
}
