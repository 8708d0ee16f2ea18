/**
 * Whether a column holds names of people: its header, the shape of its values, and how many have a
 * word of the lists of names. The less the header says, the more the values must.
 */
import type { CellForm } from "./cell-form.ts";
import type { HeaderSays } from "./header-words.ts";

type Verdict = "certain" | "likely" | undefined;
/** Share of the distinct cells that have a form. */
type Share = (form: keyof CellForm) => number;

/** @param formed distinct cells that have any form */
export function looksLikeNames(header: HeaderSays, of: Share, formed: number): Verdict {
  if (formed === 0 || of("thing") > 0.25) return undefined;
  if (header.personName) return underNameOfPerson(of);
  if (header.thing || isOfAnother(header)) return undefined;
  if (header.name || (header.person && !header.number)) return underName(header, of, formed);
  return underAnyHeader(of, formed);
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

/** "city", "occupation": what holds names of cities, or of trades, by its own word. */
function isOfAnother({ kind }: HeaderSays): boolean {
  return kind !== null && kind !== "free_text" && kind !== "username";
}
