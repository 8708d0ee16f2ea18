#!/usr/bin/env node
/** The program: its commands and flags, exit codes, and refusals in one line. */
import { Command, CommanderError } from "commander";
import { BudgetError, isRefusal, ScenarioError } from "../shared/errors.ts";
import { VERSION } from "../shared/version.ts";
import { ACCOUNT_EXAMPLE, ACCOUNT_KEYS } from "./account-help.ts";
import { command } from "./command.ts";
import { addCompareCommands } from "./compare-commands.ts";
import { addTableCommands } from "./table-commands.ts";
import { addTrainingCommands } from "./training-commands.ts";

const program = new Command("murmur")
  .description("Simulates federated learning whose privacy numbers are true.")
  .version(VERSION)
  .showHelpAfterError("(murmur --help lists the commands)")
  .exitOverride();

addTrainingCommands(program);
addTableCommands(program);
addCompareCommands(program);

command(
  program,
  "predict",
  "one person through a finished run's model, in four layers",
  `predict runs/purchases-7-1 --row '{"age":34,"location":"Lyon","purchaseHistory":[]}'`,
)
  .argument("<run>", "run folder")
  .requiredOption(
    "--row <json>",
    "the person, as one JSON object of raw columns; an image as the list of its pixels, 0 to 255",
  )
  .action(async (run, options) => (await import("./predict.ts")).predict(run, options));

command(
  program,
  "report",
  "a finished run's page once more, with what a dry run can measure of generated and public rows",
  "report runs/purchases-7-1 --out purchases.html --png figures",
)
  .argument("<run>", "run folder")
  .option("--out <file>", "page to write (default: report.html in the run folder)")
  .option("--png <dir>", "write the figures too, as SVG and PNG files, light and dark")
  .action(async (run, options) => (await import("./report.ts")).report(run, options));

command(
  program,
  "verify",
  "recompute every epsilon of a run from its ledger alone",
  "verify runs/purchases-7-1",
)
  .argument("<run>", "run folder; <run>.tmp of one that was cut off")
  .option("--client-ledgers <dir>", "hold it against what the clients' own ledgers have seen of it")
  .action(async (run, options) => (await import("./verify.ts")).verify(run, options));

command(
  program,
  "account",
  "JSON lines in, JSON lines out: epsilon, delta, noise, steps or rate for mechanisms",
  ACCOUNT_EXAMPLE,
)
  .addHelpText("after", ACCOUNT_KEYS)
  .action(async () => (await import("./account.ts")).account());

command(
  program,
  "doctor",
  "what this machine can do: engines (measured), cores, versions, ports",
  "doctor",
).action(async (options) => (await import("./doctor.ts")).doctor(options));

command(
  program,
  "export",
  "a run's model, in TensorFlow.js layers format",
  "export runs/purchases-7-1 --out my-model",
)
  .argument("<run>", "run folder")
  .requiredOption("--out <dir>", "folder to make")
  .action(async (run, options) => (await import("./export.ts")).exportModel(run, options));

/** What a scenario or a disk can do to a run that has begun. */
const WHILE_RUNNING: ReadonlySet<string> = new Set([
  "training.diverged",
  "disk.full",
  "data.changed",
]);

/** What an owner's limit does not hold: a plan that is refused before anything was charged. */
const BEFORE_RUNNING = "dataLedger.limits";

/** Exit 2: wrong use or bad input before anything ran. 1: failed while running, or found false. */
function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof BudgetError) return error.problem.what === BEFORE_RUNNING ? 2 : 1;
  return error instanceof ScenarioError && !WHILE_RUNNING.has(error.problem.what) ? 2 : 1;
}

/** What writing gives where the reader is gone: of a pipe, and of a terminal that was closed. */
const UNREAD: ReadonlySet<unknown> = new Set(["EPIPE", "EIO"]);
let isRead = true;

// A reader that has seen enough (`murmur run … | head`) ends the program as Ctrl-C does, once.
process.stdout.on("error", (error) => {
  if (!("code" in error && UNREAD.has(error.code))) throw error;
  if (isRead && !process.emit("SIGTERM")) process.exit(0);
  isRead = false;
});
// Where nobody reads what goes wrong, the run still ends in order.
process.stderr.on("error", (error) => {
  if (!("code" in error && UNREAD.has(error.code))) throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCode(error);
  // Commander has told its own; a bug keeps its stack.
  if (isRefusal(error)) process.stderr.write(`${error.name}: ${error.message}\n`);
  else if (!(error instanceof CommanderError)) throw error;
}
