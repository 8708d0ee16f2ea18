#!/usr/bin/env node
/** The program: its commands and flags, exit codes, and refusals in one line. */
import { Argument, Command, CommanderError, InvalidArgumentError } from "commander";
import { isRefusal, ScenarioError } from "../shared/errors.ts";
import type { Override } from "../shared/scenario/scenario-text.ts";
import { VERSION } from "../shared/version.ts";
import { ACCOUNT_EXAMPLE, ACCOUNT_KEYS } from "./account-help.ts";

const MAX_SEED = 4_294_967_295;
const MAX_HOSTS = 64;
const MAX_PORT = 65_535;
const MAX_CLIENTS = 16_384;
const MAX_WAIT = 30_000;

const program = new Command("murmur")
  .description("Simulates federated learning whose privacy numbers are true.")
  .version(VERSION)
  .showHelpAfterError("(murmur --help lists the commands)")
  .exitOverride();

command(
  "run",
  "launch a scenario on this machine and show its six stages",
  "run scenarios/purchases.yaml --set privacy.epsilon=0.5 --seed 3",
)
  .argument("<file>", "scenario, YAML")
  .option(
    "--set <key=value>",
    "a scenario key's value instead of the file's, as YAML (model.hidden='[32, 8]'); may be repeated",
    override,
    [],
  )
  .option("--seed <n>", "seed instead of the file's", whole("a seed", 0, MAX_SEED))
  .option(
    "--hosts <n>",
    "client processes (default: cores - 1, at least 2)",
    whole("hosts", 1, MAX_HOSTS),
  )
  .option(
    "--port <n>",
    "the coordinator's port on loopback (default: any free one)",
    whole("a port", 0, MAX_PORT),
  )
  .option("--out <dir>", "run folder (default: runs/<name>-<seed>-<n>)")
  .option(
    "--client-ledgers <dir>",
    "where each client sums up its own loss over all runs, in <client>.jsonl; limits.json in there, " +
      '{"epsilon": …, "delta": …}, is what it may lose (default: no ledgers, for simulated clients end with their run); it tells who took part when: keep it where the rows are',
  )
  .action(async (file, options) => (await import("./run.ts")).run(file, options));

command(
  "serve",
  "the coordinator alone: clients join from other machines, over TLS",
  "serve scenarios/clinics.yaml --listen localhost:8443",
)
  .argument(
    "<file>",
    "scenario, YAML; of its data only held-out rows are read (testFile, or generated)",
  )
  .requiredOption("--listen <host:port>", "where to listen; port 0 takes any free one")
  .option("--public-host <name>", "the host by which clients dial, if it is another")
  .option("--tls-cert <file>", "certificate, PEM")
  .option("--tls-key <file>", "its private key, PEM")
  .option(
    "--allow <file>",
    "who may join: lines of a name and a public key, as murmur keys new prints them (default: one-time tokens, in files)",
  )
  .option(
    "--joiners <n>",
    "without --allow: how many tokens (default: one for each of clients.count)",
    whole("joiners", 1, MAX_CLIENTS),
  )
  .option("--wait <minutes>", "for all to join", whole("minutes", 1, MAX_WAIT), 15)
  .option("--insecure-plaintext", "plain WebSocket beyond this machine", false)
  .option(
    "--simulation",
    "clients' rows are made up or public: allows the file's seeded noise",
    false,
  )
  .option(
    "--set <key=value>",
    "a scenario key's value instead of the file's, as YAML (model.hidden='[32, 8]'); may be repeated",
    override,
    [],
  )
  .option("--seed <n>", "seed instead of the file's", whole("a seed", 0, MAX_SEED))
  .option("--out <dir>", "run folder (default: runs/<name>-<seed>-<n>)")
  .action(async (file, options) => (await import("./serve.ts")).serve(file, options));

command(
  "join",
  "take part in a coordinator's run with one's own rows; the plan tells it the rest",
  "join wss://localhost:8443 --ca tls.crt --key north.pem --data scenarios/data/clinics/north.csv",
)
  .argument("<url>", "wss://HOST:PORT, as the coordinator printed it")
  .requiredOption(
    "--data <file>",
    "the rows, all of them one's own: CSV, JSON lines, Parquet or IDX",
  )
  .option(
    "--key <file>",
    "private key of murmur keys new, its public half on the coordinator's list",
  )
  .option(
    "--token <file>",
    "one-time token in the key's place: the file that the coordinator wrote",
  )
  .option("--name <name>", "name on the coordinator's list (default: that of the key's file)")
  .option("--server-key <key>", "the coordinator's public key; with ws:// it must be given")
  .option(
    "--ca <file>",
    "who may have signed the coordinator's certificate (default: the system's)",
  )
  .option("--plan <hash>", "take part in this plan and no other")
  .option(
    "--clients <n>",
    "split the rows among so many virtual clients, for load tests",
    whole("clients", 1, MAX_CLIENTS),
    1,
  )
  .option("--limits <file>", '{"epsilon": …, "delta": …}: what the rows may lose over all runs')
  .option("--ledger <dir>", "where one's own ledger and reports are (default: DATA.murmur)")
  .option(
    "--pseudonym-key <file>",
    "master key of pseudonyms, hex or base64 (default: the environment, MURMUR_PSEUDONYM_KEY)",
  )
  .option("--header <names>", "the columns, if the file's first line is a row: a,b,c", list)
  .option("--missing <text>", "a cell that says so is empty")
  .option(
    "--simulation",
    "the rows are made up or public: allows seeded noise, keeps no ledger",
    false,
  )
  .option("--seed <n>", "with --simulation: the scenario's seed", whole("a seed", 0, MAX_SEED))
  .option("--insecure-plaintext", "plain WebSocket beyond this machine", false)
  .action(async (url, options) => (await import("./join.ts")).join(url, options));

command(
  "keys",
  "new: a client's own key pair; prints its line of an allow list, name and public key",
  "keys new --out north.pem",
)
  .addArgument(new Argument("<what>", "new").choices(["new"]))
  .option("--out <file>", "the private key, mode 600; its name is the client's", "client.pem")
  .action(async (_, options) => (await import("./keys.ts")).newKey(options));

command(
  "lint",
  "what a scenario would cost whom, its noise beside its updates, and warnings; runs nothing",
  "lint scenarios/purchases.yaml --set privacy.trust=local",
)
  .argument("<file>", "scenario, YAML")
  .option(
    "--set <key=value>",
    "a scenario key's value instead of the file's, as YAML (model.hidden='[32, 8]'); may be repeated",
    override,
    [],
  )
  .action(async (file, options) => (await import("./lint.ts")).lint(file, options));

command(
  "anonymize",
  "one table through the client's own stages: k, l, t and risks before and after; runs no training",
  "anonymize scenarios/data/adult/adult.csv.gz --schema scenarios/adult.yaml --json",
)
  .argument("<table>", "CSV, JSON lines, Parquet or IDX; gzipped or not")
  .requiredOption("--schema <file>", "a scenario, or its data part alone, YAML")
  .option("--out <file>", "write the anonymized rows there, CSV")
  .option("--population <file>", "what the rows were drawn from, for the journalist's risk")
  .action(async (table, options) => (await import("./anonymize.ts")).anonymize(table, options));

command(
  "init",
  "a scenario for a table of people, roles proposed by the scanner; then read it",
  "init my-study --from scenarios/data/adult/adult.csv.gz",
)
  .argument("<dir>", "folder to make")
  .requiredOption(
    "--from <table>",
    "CSV, JSON lines or Parquet, a row a person; copied into the folder",
  )
  .option("--target <column>", "the label's column (default: one is proposed)")
  .action(async (dir, options) => (await import("./init.ts")).init(dir, options));

command(
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
  "verify",
  "recompute every epsilon of a run from its ledger alone",
  "verify runs/purchases-7-1",
)
  .argument("<run>", "run folder; <run>.tmp of one that was cut off")
  .option("--client-ledgers <dir>", "hold it against what the clients' own ledgers have seen of it")
  .action(async (run, options) => (await import("./verify.ts")).verify(run, options));

command(
  "account",
  "JSON lines in, JSON lines out: epsilon, delta, noise, steps or rate for mechanisms",
  ACCOUNT_EXAMPLE,
)
  .addHelpText("after", ACCOUNT_KEYS)
  .action(async () => (await import("./account.ts")).account());

command(
  "doctor",
  "what this machine can do: engines (measured), cores, versions, ports",
  "doctor",
).action(async (options) => (await import("./doctor.ts")).doctor(options));

command(
  "export",
  "a run's model, in TensorFlow.js layers format",
  "export runs/purchases-7-1 --out my-model",
)
  .argument("<run>", "run folder")
  .requiredOption("--out <dir>", "folder to make")
  .action(async (run, options) => (await import("./export.ts")).exportModel(run, options));

command(
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
  .action(async (table, options) => (await import("./scan.ts")).scan(table, options));

/** What every command has: an example that works, `--json`, `--quiet`. */
function command(name: string, summary: string, example: string): Command {
  return program
    .command(name)
    .description(summary)
    .option("--json", "print one JSON object and nothing else")
    .option("--quiet", "print the result only")
    .addHelpText("after", `\nExample:\n  npx murmur ${example}`);
}

function whole(what: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected ${what} as a whole number from ${low} to ${high}.`);
  };
}

function list(text: string): string[] {
  return text.split(",");
}

function override(text: string, before: readonly Override[]): Override[] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected key.of.the.scenario=value.");
  return [...before, { path: text.slice(0, at), value: text.slice(at + 1) }];
}

/** What a scenario or a disk can do to a run that has begun. */
const WHILE_RUNNING: ReadonlySet<string> = new Set(["training.diverged", "disk.full"]);

/** Exit 2: wrong use or bad input before anything ran. 1: failed while running, or found false. */
function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof ScenarioError && !WHILE_RUNNING.has(error.problem.what) ? 2 : 1;
}

// A reader that has seen enough (`murmur run … | head`) ends the program as Ctrl-C does.
process.stdout.on("error", (error) => {
  if (!("code" in error && error.code === "EPIPE")) throw error;
  if (!process.emit("SIGTERM")) process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCode(error);
  // Commander has told its own; a bug keeps its stack.
  if (isRefusal(error)) process.stderr.write(`${error.name}: ${error.message}\n`);
  else if (!(error instanceof CommanderError)) throw error;
}
