/** What a new user gets wrong in the paths of a command: nothing is there, or something else. */
import type { Mistake } from "./mistake.ts";

const MISSING = "a file that is there and may be read";
const OUT = ["--out", "{dir}/out"];

/** Each command that reads a scenario or a table, with a path in the place of it. */
const READERS: readonly (readonly [
  name: string,
  where: string,
  args: (path: string) => string[],
])[] = [
  ["run", "the scenario", (path) => ["run", path, ...OUT]],
  ["lint", "the scenario", (path) => ["lint", path]],
  ["sweep", "the scenario", (path) => ["sweep", path, ...OUT]],
  ["serve", "the scenario", (path) => ["serve", path, "--listen", "127.0.0.1:0", ...OUT]],
  ["scan", "the table", (path) => ["scan", path]],
  ["init", "--from", (path) => ["init", "{dir}/out", "--from", path]],
  ["anonymize", "the table", (path) => ["anonymize", path, "--schema", "{dir}/study.yaml"]],
  [
    "anonymize by a schema",
    "--schema",
    (path) => ["anonymize", "{dir}/people.csv", "--schema", path, ...OUT],
  ],
  [
    "anonymize among a population",
    "--population",
    (path) => [
      ...["anonymize", "{dir}/people.csv", "--schema", "{dir}/study.yaml"],
      ...["--population", path, ...OUT],
    ],
  ],
  ["join", "--data", (path) => ["join", "wss://127.0.0.1:1", "--data", path]],
];

/** Each command that reads a run's folder, and whether it wants one that was cut off. */
const OF_RUNS: readonly (readonly [name: string, args: (path: string) => string[]])[] = [
  ["verify", (path) => ["verify", path]],
  ["report", (path) => ["report", path]],
  ["predict", (path) => ["predict", path, "--row", "{}"]],
  ["export", (path) => ["export", path, ...OUT]],
  ["compare", (path) => ["compare", path, path, ...OUT]],
];

const FINISHED = "expected a finished run with plan.json";

export const PATH_MISTAKES: readonly Mistake[] = [
  ...OF_RUNS.flatMap(([command, args]) => [
    {
      name: `${command}, of a run that is not there`,
      args: args("{dir}/runs"),
      says: ["run folder ({dir}/runs): got nothing there,", FINISHED, "that murmur run printed"],
    },
    {
      name: `${command}, of a run that was cut off, by its later name`,
      args: args("{dir}/cut"),
      files: { "cut.tmp/": "" },
      says: ["run folder ({dir}/cut): got nothing but {dir}/cut.tmp, which was cut off,", FINISHED],
    },
    {
      name: `${command}, of a folder that is no run`,
      args: args("{dir}"),
      says: ["run folder ({dir}): got a folder without plan.json,", FINISHED],
    },
    {
      name: `${command}, of a file`,
      args: args("{dir}/study.yaml"),
      says: ["run folder ({dir}/study.yaml): got a file,", FINISHED],
    },
  ]),
  {
    name: "resume, of a folder that is no run",
    args: ["resume", "{dir}"],
    says: ["resume ({dir}): got what is no run, expected a run that was cut off"],
  },
  {
    name: "resume, of a folder with a plan by itself",
    args: ["resume", "{dir}"],
    files: { "plan.json": "{}" },
    says: ["resume ({dir}): got what is no run, expected a run that was cut off"],
  },
  {
    name: "resume, of a run that is not there",
    args: ["resume", "{dir}/runs"],
    says: ["resume ({dir}/runs): got no such run, expected a run that was cut off"],
  },
  ...READERS.flatMap(([command, where, args]) => [
    {
      name: `${command}, in a folder that is not there`,
      args: args("{dir}/nowhere/study.csv"),
      says: [`path.missing (${where})`, "in a folder that is not there", MISSING],
    },
    {
      name: `${command}, of a folder`,
      args: args("{dir}/tables"),
      files: { "tables/": "" },
      says: [`path.notFile (${where})`, "{dir}/tables, a folder", "a plain file"],
    },
  ]),
  {
    name: "run, a mistyped scenario",
    args: ["run", "{dir}/studdy.yaml", ...OUT],
    says: ["path.missing (the scenario)", MISSING, "Did you mean {dir}/study.yaml?"],
  },
  {
    name: "run, the scenario's folder",
    args: ["run", "{dir}", ...OUT],
    says: ["path.notFile (the scenario)", "Did you mean {dir}/study.yaml?"],
  },
  {
    name: "run, a table",
    args: ["run", "{dir}/people.csv", ...OUT],
    says: ["the scenario (people.csv)", "got text without a key", "murmur init DIR --from TABLE"],
  },
  {
    name: "scan, a mistyped table",
    args: ["scan", "{dir}/peeple.csv"],
    says: ["path.missing (the table)", MISSING, "Did you mean {dir}/people.csv?"],
  },
];
