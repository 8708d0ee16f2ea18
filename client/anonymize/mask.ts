/** Codes such as zips, their last characters masked: text of a declared shape, leading zeros kept. */
import type { MaskedCode } from "../../shared/contract/recoding.ts";
import { refuseCell, type Where } from "../persons/cells.ts";
import type { Cell } from "../source/table-source.ts";

const CHARSETS: Readonly<Record<MaskedCode["charset"], RegExp>> = {
  digits: /^[0-9]+$/,
  // A postal code may hold one space or hyphen between its parts.
  alphanumeric: /^[A-Z0-9]+(?:[ -][A-Z0-9]+)*$/,
};
const MOST_CHARACTERS = 100;

/**
 * Upper case, then the last `masked` characters other than spaces and hyphens become stars.
 *
 * @throws ScenarioError `data.wrongShape`, of a number too: it has lost its leading zeros
 */
export function maskCode(cell: Cell, recoding: MaskedCode, where: Where): string {
  const { length, charset, masked } = recoding;
  const text = typeof cell === "string" ? cell.toUpperCase() : "";
  const characters = text.replace(/[ -]/g, "").length;
  const shaped =
    text.length <= MOST_CHARACTERS &&
    CHARSETS[charset].test(text) &&
    (length === null ? characters >= masked : characters === length);
  if (!shaped) {
    const size = length === null ? `at least ${masked}` : `${length}`;
    return refuseCell("data.wrongShape", where, "another shape", `text of ${size} ${charset}`);
  }
  let left = masked;
  return [...text]
    .reverse()
    .map((character) => (/[ -]/.test(character) || left-- <= 0 ? character : "*"))
    .reverse()
    .join("");
}
