/** What an editor makes of the schema: the YAML language server's own answers, as VS Code and others show them. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { TextDocument } from "vscode-languageserver-textdocument";
import { getLanguageService } from "yaml-language-server";
import { SCHEMA_LINE } from "../../../run/editor/scenario-schema.ts";
import { ROOT } from "../../support/murmur.ts";

const service = getLanguageService({
  // The comment in the file's first line is all that leads there.
  schemaRequestService: async (uri) => readFileSync(fileURLToPath(uri), "utf8"),
  workspaceContext: {
    resolveRelativePath: (path, resource) =>
      pathToFileURL(join(dirname(fileURLToPath(resource)), path)).href,
  },
});
service.configure({ validate: true, hover: true, completion: true, yamlVersion: "1.2" });

let opened = 0;

/** A scenario beside the shipped ones, and the cursor, which `^` stands for. */
function written(text: string) {
  opened += 1;
  const uri = pathToFileURL(join(ROOT, `scenarios/unsaved-${opened}.yaml`)).href;
  const whole = `${SCHEMA_LINE}\n${text}`;
  const document = TextDocument.create(uri, "yaml", 1, whole.replace("^", ""));
  return { document, position: document.positionAt(whole.indexOf("^")) };
}

async function proposed(text: string): Promise<string[]> {
  const { document, position } = written(text);
  const { items } = await service.doComplete(document, position, false);
  return items.map(({ label }) => label);
}

async function shown(text: string): Promise<string> {
  const { document, position } = written(text);
  return JSON.stringify((await service.doHover(document, position))?.contents);
}

it("proposes the keys of a block", async () => {
  const keys = await proposed("format: 1\nclients:\n  ^\n");
  expect(keys).toEqual(expect.arrayContaining(["count", "minCohort", "dropOut", "faults"]));
  expect(keys).not.toContain("epsilon");
});

it("proposes the values of a key", async () => {
  expect(await proposed("privacy:\n  trust: ^\n")).toEqual([
    ...["central", "local", "distributed", "none"],
  ]);
});

it("proposes the keys of the kind that is named, and no other's", async () => {
  const keys = await proposed("model:\n  layers:\n    - kind: conv\n      filters: 16\n      ^\n");
  expect(keys).toEqual(expect.arrayContaining(["size", "stride", "padding"]));
  expect(keys).not.toContain("units");
});

it.each([
  ["a key", "privacy:\n  tru^st: central\n", "Who adds the noise"],
  [
    "a column's key",
    "data:\n  columns:\n    age: { role: drop, fr^om: Age }\n",
    "The column's name",
  ],
  ["a schedule's key", "training:\n  learningRate: { schedule: step, fac^tor: 2 }\n", "multiplied"],
])("shows what %s means", async (_, text, sentence) => {
  expect(await shown(text)).toContain(sentence);
});

it("marks a mistake at its place, and nothing in a scenario that is right", async () => {
  const text = readFileSync(join(ROOT, "scenarios/purchases.yaml"), "utf8");
  const faultsOf = async (whole: string) => {
    const { document } = written(whole.split("\n").slice(1).join("\n"));
    const faults = await service.doValidation(document, false);
    return faults.map(({ message, range }) => [message, range.start.line]);
  };
  expect(await faultsOf(text)).toEqual([]);
  const line = text.split("\n").findIndex((one) => one.startsWith("training:"));
  expect(await faultsOf(text.replace("training: {", "training: { epochs: 3,"))).toEqual([
    [expect.stringContaining("epochs"), line],
  ]);
});
