/** A code such as a zip, its last characters masked: text of a declared shape, leading zeros kept. */
import { z } from "zod";
import type { TextRule } from "./rule.ts";

const schema = z.strictObject({
  kind: z.literal("code"),
  /** Characters it must have, spaces not counted; null: any number of them. */
  length: z.number().int().min(1).max(100).nullable(),
  charset: z.enum(["digits", "alphanumeric"]),
  masked: z.number().int().min(0).max(100),
});

type MaskedCode = z.infer<typeof schema>;

const CHARSETS: Readonly<Record<MaskedCode["charset"], RegExp>> = {
  digits: /^[0-9]+$/,
  // A postal code may hold one space or hyphen between its parts.
  alphanumeric: /^[A-Z0-9]+(?:[ -][A-Z0-9]+)*$/,
};
const MOST_CHARACTERS = 100;

export const CODE = {
  schema,
  keys: ["length", "charset", "level"],
  build({ length = null, charset = "alphanumeric", level = 0 }, check) {
    const expected = "how many of the last characters are masked";
    check(typeof level === "number", "level", level, expected);
    return { kind: "code", length, charset, masked: Number(level) };
  },
  check({ length, masked }, check) {
    check(length === null || masked <= length, "level", masked, `at most the length, ${length}`);
  },
  describe: ({ masked }) =>
    masked === 0 ? "a code as it is" : `a code, its last ${masked} characters masked`,
  isWhole: ({ masked }) => masked === 0,
  keep: (recoding) => (text) => masked(text.toUpperCase(), recoding),
  shape: ({ length, charset, masked }) =>
    `text of ${length === null ? `at least ${masked}` : length} ${charset}`,
  /** Codes that one masked code may have been, as a stretch of all that there are. */
  coarseness({ masked, length, charset }) {
    const height = length ?? Math.max(1, masked);
    const level = Math.min(masked, height);
    const codes = (characters: number) => (charset === "digits" ? 10 : 36) ** characters - 1;
    return { level, height, width: codes(level), span: codes(height) };
  },
} satisfies TextRule<MaskedCode>;

/** The last `masked` characters other than spaces and hyphens as stars. @returns null for another shape */
function masked(text: string, { length, charset, masked }: MaskedCode): string | null {
  const characters = text.replace(/[ -]/g, "").length;
  const shaped =
    text.length <= MOST_CHARACTERS &&
    CHARSETS[charset].test(text) &&
    (length === null ? characters >= masked : characters === length);
  if (!shaped) return null;
  let left = masked;
  return [...text]
    .reverse()
    .map((character) => (/[ -]/.test(character) || left-- <= 0 ? character : "*"))
    .reverse()
    .join("");
}
