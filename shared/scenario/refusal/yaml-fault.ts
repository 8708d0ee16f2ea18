/** What is wrong with a text that is no YAML, in the words of somebody who has never heard of flow maps. */
import type { YAMLError } from "yaml";
import type { Problem } from "../../errors.ts";

type Said = Omit<Problem, "what" | "where">;
/** In some of its messages, which may go on with where the brackets had to close. */
const FLOW_MAP = /^Flow map/;
const FLOW_SEQUENCE = /^Flow sequence/;

type Rule = readonly [message: RegExp, got: string, expected: string, fix: string];

/** By the library's message, the first that fits; none of it quotes the file. */
const RULES: readonly Rule[] = [
  [FLOW_MAP, "a { that nothing closes", "a } for each {", "Close it."],
  [FLOW_SEQUENCE, "a [ that nothing closes", "a ] for each [", "Close it."],
  [
    /^Missing closing/,
    "a quote that nothing closes",
    "a second quote of the same kind",
    "Close it.",
  ],
  [
    /^Tabs are/,
    "a tab at the beginning of a line",
    "spaces alone before a key",
    "Write two spaces for each level, and no tab.",
  ],
  [
    /^Map keys must be unique/,
    "a key that stood in this block before",
    "each key once",
    "Remove one of them.",
  ],
  [
    /^Implicit keys|^Implicit map keys/,
    "a key without a colon and a space behind it",
    "key: value",
    "Put a space behind the colon of that line, or of the one before.",
  ],
  [
    /^Nested mappings/,
    "a colon where no key may stand",
    "the keys of a block one below the other, with the same number of spaces before them",
    'Indent the line like those around it; a text with ": " in it stands in quotes.',
  ],
  [
    /^All (mapping|sequence) items/,
    "a line with more or fewer spaces before it than those around it",
    "the keys of a block one below the other, with the same number of spaces before them",
    "Indent it like its block.",
  ],
  [
    /^Missing space after :/,
    "a colon without a space behind it",
    "key: value",
    "Put a space behind the colon.",
  ],
  [
    /^Missing ,/,
    "two entries without a comma between them",
    "entries parted by commas, in [ ] and { }",
    "Put a comma between them.",
  ],
  [
    /^Plain value cannot start/,
    "text that begins with a sign of YAML's own",
    "such a text in quotes",
    "Put quotes around it.",
  ],
];

/** What to say of a fault that the parser found. */
export function yamlFault({ code, message }: YAMLError): Said {
  const [, ...said] = RULES.find(([pattern]) => pattern.test(message)) ?? [];
  const [got, expected, fix] = said;
  if (got !== undefined && expected !== undefined && fix !== undefined)
    return { got, expected, fix };
  // Its first line: the others show the file.
  const plain = message.replace(/ at line [\s\S]*/, "").split("\n")[0] ?? code;
  return { got: plain, expected: "plain YAML", fix: "Correct that line." };
}

/** Quoted text and remarks, in which brackets open nothing; or a bracket. */
const TOKEN = /(?<=[\s:,[{(])(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*')|(?<=^|\s)#[^\n]*|[[\]{}]/gm;

/** The line of the fault, from 1. A bracket that nothing closes is found at the line behind: it is the one meant. */
export function faultLine({ message, pos: [at], linePos }: YAMLError, text: string): number {
  const line = linePos?.[0].line ?? 1;
  if (!FLOW_MAP.test(message) && !FLOW_SEQUENCE.test(message)) return line;
  const open: number[] = [];
  for (const { 0: token, index } of text.slice(0, at).matchAll(TOKEN)) {
    if (token === "{" || token === "[") open.push(index);
    else if (token === "}" || token === "]") open.pop();
  }
  const last = open.at(-1);
  return last === undefined ? line : text.slice(0, last).split("\n").length;
}
