/** Every command of docs/your-own-data.md, in order, on its table: what it prints holds the lines that the page shows. */
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { murmur, ROOT, scratch } from "../support/murmur.ts";

const PAGE = readFileSync(join(ROOT, "docs/your-own-data.md"), "utf8");
const TABLE = readFileSync(join(ROOT, "scenarios/data/penguins/penguins.csv"), "utf8");
/** The commands of a block, and the lines below it. */
const BLOCKS = [...PAGE.matchAll(/```sh\n(.*?)```\n\n```text\n(.*?)```/gs)].map(
  ([, commands = "", lines = ""]) => ({
    commands: commands.trim().split("\n"),
    lines: lines.trimEnd().split("\n"),
  }),
);
/** What a command names in the folder where it is typed. */
const PATH = /^(?:penguins\.csv|first|curve|(?:study|clinic)(?:\/scenario\.yaml)?)$/;
const TIMEOUT_MS = 120_000;

const folder = scratch();
afterAll(folder.remove);
const at = (name: string) => join(folder.path, name);

async function printed(command: string): Promise<string> {
  const [program, name, ...args] = command.split(" ");
  if (program === "head") return TABLE;
  expect([program, name]).toEqual(["npx", "murmur-fl"]);
  const placed = args.map((arg) => (PATH.test(arg) ? at(arg) : arg));
  const { status, stdout, stderr } = await murmur(placed);
  expect([command, status]).toEqual([command, 0]);
  return `${stdout}${stderr}`.replaceAll(`${folder.path}/`, "");
}

it("goes from the head of a table to a curve in at most five commands", () => {
  const curve = BLOCKS.findIndex(({ commands }) => commands.join().includes(" sweep "));
  const commands = BLOCKS.slice(0, curve + 1).flatMap((block) => block.commands);
  expect(commands[0]).toMatch(/^head /);
  expect(commands.length).toBeGreaterThanOrEqual(4);
  expect(commands.length).toBeLessThanOrEqual(5);
  expect(BLOCKS).toHaveLength([...PAGE.matchAll(/```sh\n/g)].length);
});

it("prints what the page shows, and leaves what it names", { timeout: TIMEOUT_MS }, async () => {
  copyFileSync(join(ROOT, "scenarios/data/penguins/penguins.csv"), at("penguins.csv"));
  for (const { commands, lines } of BLOCKS) {
    let text = "";
    for (const command of commands) text += await printed(command);
    expect(lines.filter((line) => !text.includes(line))).toEqual([]);
  }
  const left = ["first/report.html", "first/rounds.jsonl", "curve/curve.svg", "curve/curve.html"];
  expect(left.filter((name) => !existsSync(at(name)))).toEqual([]);
  const columns = readFileSync(at("curve/curve.csv"), "utf8").split("\n", 1)[0]?.split(",");
  expect(columns).toEqual(
    expect.arrayContaining(["epsilon", "n", "mean", "low", "high", "majority"]),
  );
  const [run = ""] = readFileSync(at("curve/results.jsonl"), "utf8").split("\n");
  expect(Object.keys(JSON.parse(run))).toEqual(expect.arrayContaining(["seed", "accuracy"]));
});
