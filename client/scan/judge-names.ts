/**
 * Whether a column holds names of people: its header, the shape of its values, and how many have a
 * word of the lists of names. The less the header says, the more the values must.
 */
import type { CellForm } from "./cell-form.ts";
import type { HeaderSays } from "./header-words.ts";

/** @param of share of the distinct cells, `formed` of them, that have a form */
export function looksLikeNames(
  header: HeaderSays,
  of: (form: keyof CellForm) => number,
  formed: number,
): "certain" | "likely" | undefined {
  if (formed === 0 || of("thing") > 0.25) return undefined;
  const [shaped, given, family, several] = [
    of("nameShaped"),
    of("given"),
    of("family"),
    of("several"),
  ];
  const known = Math.max(given, family);
  if (header.personName) {
    if (shaped < 0.6 || of("place") > 0.5) return undefined;
    return known >= 0.3 || of("otherScript") >= 0.5 ? "certain" : "likely";
  }
  if (header.thing || isOfAnother(header)) return undefined;
  const manyNames = given >= 0.35 || (several >= 0.6 && given + family >= 0.5);
  if (header.name || (header.person && !header.number)) {
    if (shaped < 0.6) return undefined;
    if (manyNames) return header.person ? "certain" : "likely";
    // Scripts whose names no list has: only where the header is a person's.
    return header.person && of("otherScript") >= 0.6 && formed >= 3 ? "likely" : undefined;
  }
  if (shaped < 0.8 || of("capital") < 0.8) return undefined;
  if (several >= 0.8 && given >= 0.5 && formed >= 3) return "likely";
  return given >= 0.75 && formed >= 8 ? "likely" : undefined;
}

/** "city", "occupation": what holds names of cities, or of trades, by its own word. */
function isOfAnother({ kind }: HeaderSays): boolean {
  return kind !== null && kind !== "free_text" && kind !== "username";
}
