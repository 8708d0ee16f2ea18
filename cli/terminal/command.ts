/** What commands are made of: their form, and how they read their flags. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CsvForm } from "../../client/source/table-part.ts";
import type { Override } from "../../shared/scenario/text.ts";

/** What every command has: an example that works, `--json`, `--quiet`. */
export function command(program: Command, name: string, summary: string, example: string): Command {
  return program
    .command(name)
    .description(summary)
    .option("--json", "print one JSON object and nothing else")
    .option("--quiet", "print the result only")
    .addHelpText("after", `\nExample:\n  npx murmur-fl ${example}`);
}

/** Of a command that takes a scenario. */
export function setOption(): Option {
  return new Option(
    "--set <key=value>",
    "a scenario key's value instead of the file's, as YAML (model.hidden='[32, 8]'; data.person=COLUMN with " +
      "privacy.rowsPerPerson=3 where a person may have several rows); may be repeated",
  )
    .argParser(override)
    .default([]);
}

export function whole(what: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected ${what} as a whole number from ${low} to ${high}.`);
  };
}

export function list(text: string): string[] {
  return text.split(",");
}

/** Of a command that reads a table of its user's. */
export function delimiterOption(): Option {
  return new Option(
    "--delimiter <sign>",
    "what parts the cells of a CSV file (default: what its first line shows): one of , ; | and tab",
  ).argParser((text): NonNullable<CsvForm["delimiter"]> => {
    if (text === "," || text === ";" || text === "|") return text;
    if (text === "tab" || text === "\t" || text === "\\t") return "\t";
    throw new InvalidArgumentError("Expected one of , ; | and tab, quoted for the shell.");
  });
}

export function decimalOption(otherwise: string): Option {
  return new Option(
    "--decimal <mark>",
    `what stands before the tenths in a CSV file's numbers (default: ${otherwise})`,
  ).choices([".", ","]);
}

function override(text: string, before: readonly Override[]): Override[] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected key.of.the.scenario=value.");
  return [...before, { path: text.slice(0, at), value: text.slice(at + 1) }];
}

/** Of runs and sweeps. */
export function dataLedgerOption(): Option {
  return new Option(
    "--no-data-ledger",
    "keep no ledger beside files of private rows (FILE.murmur): what runs on them cost does not add up, and every report says so. By default each file has one; limits.json in there, " +
      '{"epsilon": …, "delta": …}, is what all runs may cost',
  );
}
