/** The program but for its process: its commands and flags, exit codes, and refusals in one line. */
import { Command, CommanderError } from "commander";
import type { HostPlace } from "../run/hosts/launch-hosts.ts";
import { BudgetError, isRefusal, ScenarioError } from "../shared/errors.ts";
import { VERSION } from "../shared/version.ts";
import { addCompareCommands } from "./compare-commands.ts";
import { addEditorCommands } from "./editor-commands.ts";
import { ACCOUNT_EXAMPLE, ACCOUNT_KEYS } from "./screen/account-help.ts";
import { addTableCommands } from "./table-commands.ts";
import { command } from "./terminal/command.ts";
import { addTrainingCommands } from "./training-commands.ts";

/**
 * Runs one command to its end. It prints to stdout and stderr, and leaves its exit code in `process.exitCode`
 * where that is not 0. A process runs one; a test several, one after the other.
 *
 * @param args as typed, behind the program's name
 * @param where the hosts of `run` and `resume` are
 * @throws what is a bug: no refusal, which is said on stderr
 */
export async function runProgram(
  args: readonly string[],
  where: HostPlace = "forked",
): Promise<void> {
  const said: string[] = [];
  const all = program(where, (text) => said.push(text));
  try {
    await all.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = exitCode(error);
    // A bug keeps its stack.
    if (isRefusal(error)) process.stderr.write(`${error.name}: ${error.message}\n`);
    else if (!(error instanceof CommanderError)) throw error;
    else process.stderr.write(await explained(all, error, said.join(""), args));
  }
}

/** What commander says of a command line that it refuses; of a flag that is a key of the scenario, that it is one. */
async function explained(
  all: Command,
  { code }: CommanderError,
  said: string,
  args: readonly string[],
): Promise<string> {
  const asked = all.commands.find((one) => one.name() === args[0]);
  const sets = asked?.options.some(({ long }) => long === "--set");
  if (code !== "commander.unknownOption" || !sets) return said;
  return (await import("./terminal/flag-mistake.ts")).explainFlag(said, args);
}

/** @param writeErr takes what commander says of a command line that it refuses */
function program(where: HostPlace, writeErr: (text: string) => void): Command {
  const all = new Command("murmur")
    .description("Simulates federated learning whose privacy numbers are true.")
    .version(VERSION)
    .showHelpAfterError("(murmur --help lists the commands)")
    .configureOutput({ writeErr })
    .exitOverride()
    .hook("preAction", (_, asked) => refuseFlagAsValue(asked));
  addTrainingCommands(all, where);
  addTableCommands(all);
  addCompareCommands(all);
  addFolderCommands(all, where);
  addMachineCommands(all);
  addExport(all);
  addEditorCommands(all);
  return all;
}

/** `--out --json` would make a folder of that name, of somebody who forgot the folder. */
function refuseFlagAsValue(asked: Command): void {
  for (const option of asked.options) {
    const value: unknown = asked.getOptionValue(option.attributeName());
    if (typeof value !== "string" || !value.startsWith("--")) continue;
    const { flags, long } = option;
    asked.error(`error: option '${flags}' argument missing (${value} behind ${long} is a flag)`);
  }
}

/** Of a finished run's folder. */
function addFolderCommands(program: Command, where: HostPlace): void {
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
    .action(async (run, options) => (await import("./commands/predict.ts")).predict(run, options));

  command(
    program,
    "report",
    "a finished run's page once more, with what a dry run can measure of generated and public rows",
    "report runs/purchases-7-1 --out purchases.html --png figures",
  )
    .argument("<run>", "run folder")
    .option("--out <file>", "page to write (default: report.html in the run folder)")
    .option("--png <dir>", "write the figures too, as SVG and PNG files, light and dark")
    .action(async (run, options) => (await import("./commands/report.ts")).report(run, options));

  command(
    program,
    "verify",
    "recompute every epsilon of a run from its ledger alone",
    "verify runs/purchases-7-1",
  )
    .argument("<run>", "run folder; <run>.tmp of one that was cut off")
    .option(
      "--client-ledgers <dir>",
      "hold it against what the clients' own ledgers have seen of it",
    )
    .action(async (run, options) => {
      // Each file is read once: to compile its parser takes longer, but for a process that goes on.
      if (where === "forked") (await import("zod")).config({ jitless: true });
      (await import("./commands/verify.ts")).verify(run, options);
    });
}

function addMachineCommands(program: Command): void {
  command(
    program,
    "account",
    "JSON lines in, JSON lines out: epsilon, delta, noise, steps or rate for mechanisms",
    ACCOUNT_EXAMPLE,
  )
    .addHelpText("after", ACCOUNT_KEYS)
    .action(async () => (await import("./commands/account.ts")).account());

  command(
    program,
    "doctor",
    "what this machine can do: engines (measured), cores, versions, ports",
    "doctor",
  ).action(async (options) => (await import("./commands/doctor.ts")).doctor(options));
}

function addExport(program: Command): void {
  command(
    program,
    "export",
    "a run's model, in TensorFlow.js layers format",
    "export runs/purchases-7-1 --out my-model",
  )
    .argument("<run>", "run folder")
    .requiredOption("--out <dir>", "folder to make")
    .action(async (run, options) =>
      (await import("./commands/export.ts")).exportModel(run, options),
    );
}

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
