/** What is wrong with the rows, and not with one setting: it would stop every run of a sweep. */
import { type Problem, ScenarioError } from "../../shared/errors.ts";

/** Of files, columns, cells, counts: found before anything is charged, whatever the run would train. */
const OF_ROWS = /^(data|path)\.|^identifierInHarmlessColumn$|^privacy\.population$|^hierarchy/;
/** Found while a run goes on. */
const LATER: ReadonlySet<string> = new Set(["data.changed"]);
/** Keys by which rows are read, counted and dealt: where one of them is varied, another setting may be right. */
const READ_BY = /^(data|features|clients|predict)\b|^privacy\.(population|unit|rowsPerPerson)$/;

/** As it goes from one process to another. */
export type PlainProblem = Omit<Problem, "got"> & { readonly got: string };

/** @param varied the keys that tell the sweep's settings apart */
export function isShared({ what }: PlainProblem, varied: readonly string[]): boolean {
  return OF_ROWS.test(what) && !LATER.has(what) && !varied.some((key) => READ_BY.test(key));
}

/** A refusal's facts; undefined of what is no fault of the scenario's. */
export function plainProblem(error: unknown): PlainProblem | undefined {
  if (!(error instanceof ScenarioError)) return undefined;
  return { ...error.problem, got: String(error.problem.got) };
}
