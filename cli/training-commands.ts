/** The commands of a run, on this machine or several, and of what it would cost. */
import { Argument, type Command, Option } from "commander";
import type { HostPlace } from "../run/hosts/launch-hosts.ts";
import { LOG_LEVELS } from "./operations/log-level.ts";
import {
  command,
  dataLedgerOption,
  decimalOption,
  delimiterOption,
  list,
  setOption,
  whole,
} from "./terminal/command.ts";

const MAX_SEED = 4_294_967_295;
const MAX_HOSTS = 64;
const MAX_PORT = 65_535;
const MAX_CLIENTS = 16_384;
const MAX_WAIT = 30_000;

/** @param where the hosts of `run` and `resume` are */
export function addTrainingCommands(program: Command, where: HostPlace): void {
  addRun(program, where);
  addResume(program, where);
  addServe(program);
  addJoin(program);
  addKeys(program);
  addLint(program);
}

function addRun(program: Command, where: HostPlace): void {
  command(
    program,
    "run",
    "launch a scenario on this machine and show its six stages",
    "run scenarios/purchases.yaml --set privacy.epsilon=0.5 --seed 3",
  )
    .argument("<file>", "scenario, YAML")
    .addOption(setOption())
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
    .addOption(transcriptOption())
    .option(
      "--client-ledgers <dir>",
      "where each client sums up its own loss over all runs, in <client>.jsonl; limits.json in there, " +
        '{"epsilon": …, "delta": …}, is what it may lose (default: no ledgers, for simulated clients end with their run); it tells who took part when: keep it where the rows are',
    )
    .addOption(dataLedgerOption())
    .addOption(logOption())
    .addOption(logLevelOption())
    .addOption(metricsOption())
    .option("--insecure-plaintext", "--metrics in plain HTTP beyond this machine", false)
    .action(async (file, options) => (await import("./commands/run.ts")).run(file, options, where));
}

function addResume(program: Command, where: HostPlace): void {
  command(
    program,
    "resume",
    "go on with a run that was cut off, to the same folder; what was charged stays charged",
    "resume runs/purchases-7-1",
  )
    .argument("<run>", "run folder, as it was named when the run was cut off, with .tmp or without")
    .option(
      "--client-ledgers <dir>",
      "the clients' own ledgers, as murmur run was given them; where nothing there knows the run yet",
    )
    .option(
      "--scenario <file>",
      "the scenario, as murmur run was given it; where the folder does not know the files beside it",
    )
    .addOption(logOption())
    .addOption(logLevelOption())
    .addOption(metricsOption())
    .option("--insecure-plaintext", "metrics beyond this machine, by plain HTTP", false)
    .action(async (run, options) =>
      (await import("./commands/resume.ts")).resume(run, options, where),
    );
}

function addServe(program: Command): void {
  command(
    program,
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
    .option(
      "--insecure-plaintext",
      "plain WebSocket, and --metrics in plain HTTP, beyond this machine",
      false,
    )
    .option(
      "--simulation",
      "clients' rows are made up or public: allows the file's seeded noise",
      false,
    )
    .addOption(setOption())
    .option("--seed <n>", "seed instead of the file's", whole("a seed", 0, MAX_SEED))
    .option("--out <dir>", "run folder (default: runs/<name>-<seed>-<n>)")
    .addOption(transcriptOption())
    .addOption(logOption())
    .addOption(logLevelOption())
    .addOption(metricsOption())
    .action(async (file, options) => (await import("./commands/serve.ts")).serve(file, options));
}

function addJoin(program: Command): void {
  const join = command(
    program,
    "join",
    "take part in a coordinator's run with one's own rows; the plan tells it the rest",
    "join wss://localhost:8443 --ca tls.crt --key north.pem --allow allow.txt --data scenarios/data/clinics/north.csv",
  )
    .argument("<url>", "wss://HOST:PORT, as the coordinator printed it")
    .requiredOption(
      "--data <file>",
      "the rows, all of them one's own: CSV, JSON lines, Parquet or IDX",
    );
  addCredentials(join);
  addConsent(join);
  join
    .option(
      "--clients <n>",
      "split the rows among so many virtual clients, for load tests",
      whole("clients", 1, MAX_CLIENTS),
      1,
    )
    .option(
      "--limits <file>",
      '{"epsilon": …, "delta": …}: what the rows may lose over all runs; in a script, agreement to any plan within it',
    )
    .option("--ledger <dir>", "where one's own ledger and reports are (default: DATA.murmur)")
    .option(
      "--pseudonym-key <file>",
      "master key of pseudonyms, hex or base64 (default: the environment, MURMUR_PSEUDONYM_KEY)",
    )
    .option("--header <names>", "the columns, if the file's first line is a row: a,b,c", list)
    .addOption(delimiterOption())
    .addOption(decimalOption("a point"))
    .option("--missing <text>", "a cell that says so is empty")
    .option(
      "--simulation",
      "the rows are made up or public: allows seeded noise, keeps no ledger",
      false,
    )
    .option(
      "--give-up-after <seconds>",
      "without a link for so long, the first one too (default: never)",
      whole("seconds", 1, MAX_WAIT * 60),
    )
    .option("--seed <n>", "with --simulation: the scenario's seed", whole("a seed", 0, MAX_SEED))
    .option("--insecure-plaintext", "plain WebSocket beyond this machine", false)
    .addOption(logOption())
    .addOption(logLevelOption())
    .action(async (url, options) => (await import("./commands/join.ts")).join(url, options));
}

/** Who the owner is, and how the coordinator is known. */
function addCredentials(join: Command): void {
  join
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
    .option("--pin <sha256>", "in --ca's place: the coordinator's certificate itself, sha256:…");
}

/** What the owner agrees to. */
function addConsent(join: Command): void {
  join
    .option("--plan <hash>", "take part in this plan and no other")
    .option(
      "--accept <hash>",
      "the owner has read what this plan does with the rows: no question at a terminal, and none needed in a script",
    )
    .option(
      "--allow-exact-updates",
      "under trust central or none: the coordinator may see each update as it is, against which no ε holds",
      false,
    )
    .option(
      "--identifiers-known <column=why>",
      "people found in this column may stay, for the reason that the owner's report will say; may be given again (a plan's own word on it does not count)",
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option(
      "--allow <file>",
      "names and public keys of all owners, as they agreed among themselves: under trust distributed nobody else may be in a cohort, and none of them in more places than you",
    );
}

function transcriptOption(): Option {
  return new Option(
    "--transcript",
    "under trust distributed: keep all that the coordinator receives under masks in the run folder, and show a piece of it in the report",
  ).default(false);
}

function logOption(): Option {
  return new Option(
    "--log <file>",
    "what happens, as JSON lines, added to a file for its owner alone; - is stderr, in the place of lines for people",
  );
}

function logLevelOption(): Option {
  return new Option("--log-level <level>", "what of it: debug has every stage and update")
    .choices(LOG_LEVELS)
    .default("info");
}

function metricsOption(): Option {
  return new Option(
    "--metrics <host:port>",
    "tell by HTTP how the run goes: /metrics for Prometheus, /healthz, /readyz (503 until all clients are here); port 0 takes any free one",
  );
}

function addKeys(program: Command): void {
  command(
    program,
    "keys",
    "new: a client's own key pair; prints its line of an allow list, name and public key",
    "keys new --out north.pem",
  )
    .addArgument(new Argument("<what>", "new").choices(["new"]))
    .option("--out <file>", "the private key, mode 600; its name is the client's", "client.pem")
    .action(async (_, options) => (await import("./commands/keys.ts")).newKey(options));
}

function addLint(program: Command): void {
  command(
    program,
    "lint",
    "what a scenario would cost whom, its noise beside its updates, and warnings; runs nothing",
    "lint scenarios/purchases.yaml --set privacy.trust=local",
  )
    .argument("<file>", "scenario, YAML")
    .addOption(setOption())
    .action(async (file, options) => (await import("./commands/lint.ts")).lint(file, options));
}
