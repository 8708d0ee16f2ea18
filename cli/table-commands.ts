/** The commands of a table by itself: what the client's own stages make of it. */
import type { Command } from "commander";
import { command, decimalOption, delimiterOption } from "./terminal/command.ts";

export function addTableCommands(program: Command): void {
  command(
    program,
    "anonymize",
    "one table through the client's own stages: k, l, t and risks before and after; runs no training",
    "anonymize scenarios/data/adult/adult.csv.gz --schema scenarios/adult.yaml --json",
  )
    .argument("<table>", "CSV, JSON lines, Parquet or IDX; gzipped or not")
    .requiredOption("--schema <file>", "a scenario, or its data part alone, YAML")
    .option("--out <file>", "write the anonymized rows there, CSV")
    .option("--population <file>", "what the rows were drawn from, for the journalist's risk")
    .addOption(delimiterOption())
    .action(async (table, options) =>
      (await import("./commands/anonymize.ts")).anonymize(table, options),
    );

  command(
    program,
    "init",
    "a scenario for a table of people, roles proposed by the scanner; then read it",
    "init my-study --from scenarios/data/adult/adult.csv.gz",
  )
    .argument("<dir>", "folder to make")
    .requiredOption(
      "--from <table>",
      "CSV, JSON lines or Parquet, a row a person; copied into the folder",
    )
    .option("--target <column>", "the label's column (default: the one whose name says so)")
    .option(
      "--test <table>",
      "a table of the held-out rows (default: a fifth of the rows is held out)",
    )
    .option(
      "--public",
      "the rows are public: bounds and vocabularies are read off them, and no epsilon suffers",
    )
    .addOption(delimiterOption())
    .addOption(decimalOption("what its numbers show"))
    .action(async (dir, options) => (await import("./commands/init.ts")).init(dir, options));

  command(
    program,
    "scan",
    "which columns of a table hold people, and a role for each; never prints a value",
    "scan scenarios/data/adult/adult.csv.gz",
  )
    .argument("[table]", "CSV, Parquet, JSON lines or IDX, plain or gzipped")
    .option(
      "--values",
      'answer JSON lines {"value":"…"} on standard input by {"labels":[…]} instead',
      false,
    )
    .addOption(delimiterOption())
    .action(async (table, options) => (await import("./commands/scan.ts")).scan(table, options));
}
