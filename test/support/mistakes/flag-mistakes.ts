/** What a new user gets wrong in flags and in the number of arguments; the command line's own form of refusal. */

export interface FlagMistake {
  readonly name: string;
  /** As typed, `{dir}` the study's folder. */
  readonly args: readonly string[];
  /** Stands in what is printed. */
  readonly says: readonly string[];
  /** Does not. */
  readonly never?: string;
}

const STUDY = "{dir}/study.yaml";
const TABLE = "{dir}/people.csv";
const OUT = ["--out", "{dir}/out"];

/** A scenario's key as a flag, and what to write in its place. */
const KEYS: readonly (readonly [flag: string, value: string, set: string])[] = [
  ["--epsilon", "1", "--set privacy.epsilon=1"],
  ["--delta", "1e-6", "--set privacy.delta=1e-6"],
  ["--rounds", "3", "--set training.rounds=3"],
  ["--epochs", "3", "--set training.rounds=3"],
  ["--learning-rate", "0.1", "--set training.learningRate=0.1"],
  ["--lr", "0.1", "--set training.learningRate=0.1"],
  ["--noise-multiplier", "1.1", "--set privacy.noiseMultiplier=1.1"],
  ["--max-grad-norm", "1", "--set training.clipNorm=1"],
  ["--privacy.epsilon", "1", "--set privacy.epsilon=1"],
];

export const FLAG_MISTAKES: readonly FlagMistake[] = [
  ...KEYS.map(([flag, value, set]) => ({
    name: `run, ${flag} ${value}`,
    args: ["run", STUDY, flag, value, ...OUT],
    says: [`unknown option '${flag}'`, `(A key of the scenario, which --set changes: ${set}`],
    never: "Did you mean",
  })),
  {
    name: "run, --epsilon=1",
    args: ["run", STUDY, "--epsilon=1", ...OUT],
    says: ["unknown option '--epsilon=1'", "--set privacy.epsilon=1)"],
  },
  {
    name: "lint, --epsilon and no number",
    args: ["lint", STUDY, "--epsilon"],
    says: ["unknown option '--epsilon'", "--set privacy.epsilon=VALUE)"],
  },
  {
    name: "run, a mistyped flag",
    args: ["run", STUDY, "--sede", "3", ...OUT],
    says: ["unknown option '--sede'", "Did you mean --seed?"],
    never: "--set",
  },
  {
    name: "run, a flag of no command",
    args: ["run", STUDY, "--fast", ...OUT],
    says: ["unknown option '--fast'"],
    never: "--set",
  },
  {
    name: "verify, --epsilon, which it does not take from anywhere",
    args: ["verify", "{dir}", "--epsilon", "1"],
    says: ["unknown option '--epsilon'"],
    never: "--set",
  },
  {
    name: "run, a flag's value missing at the end",
    args: ["run", STUDY, "--out"],
    says: ["option '--out <dir>' argument missing"],
  },
  {
    name: "run, a flag in the place of another's value",
    args: ["run", STUDY, "--out", "--json"],
    says: ["option '--out <dir>' argument missing (--json behind --out is a flag)"],
  },
  {
    name: "run, text for a number",
    args: ["run", STUDY, "--hosts", "two", ...OUT],
    says: ["--hosts <n>", "'two' is invalid", "a whole number from 1 to 64"],
  },
  {
    name: "run, a fraction for a whole number",
    args: ["run", STUDY, "--seed", "1.5", ...OUT],
    says: ["--seed <n>", "'1.5' is invalid", "a whole number from 0 to 4294967295"],
  },
  {
    name: "run, --set without =",
    args: ["run", STUDY, "--set", "privacy.epsilon", ...OUT],
    says: ["--set <key=value>", "Expected key.of.the.scenario=value."],
  },
  {
    name: "run, no scenario",
    args: ["run", ...OUT],
    says: ["missing required argument 'file'"],
  },
  {
    name: "run, two scenarios",
    args: ["run", STUDY, STUDY, ...OUT],
    says: ["too many arguments for 'run'. Expected 1 argument but got 2"],
  },
  {
    name: "scan, two tables",
    args: ["scan", TABLE, TABLE],
    says: ["too many arguments for 'scan'. Expected 1 argument but got 2"],
  },
  {
    name: "init, no table",
    args: ["init", "{dir}/out"],
    says: ["required option '--from <table>' not specified"],
  },
  {
    name: "a mistyped command",
    args: ["rum", STUDY],
    says: ["unknown command 'rum'", "Did you mean run?"],
  },
];
