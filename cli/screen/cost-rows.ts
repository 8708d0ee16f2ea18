/** What each setting of a comparison took: seconds by stage, bytes, what went amiss. */
import type { ComparedSetting } from "../../compare/setting-comparison.ts";
import { RUN_STAGES, type RunStage } from "../../run/execute/stage-times.ts";
import type { ComparedRun } from "../../run/folder/compared-run.ts";
import { hidesCohort } from "../../shared/privacy/cohort-secrecy.ts";
import { letter, meanText } from "./comparison-table.ts";

interface CostOfRun extends Pick<ComparedRun, "seconds" | "bytes" | "faults"> {
  readonly privacy: Parameters<typeof hidesCohort>[0];
}
type Setting = Pick<ComparedSetting<CostOfRun>, "runs">;

const NOT_TOLD = "not told";

/** A column for each stage that any of the runs has told of: a mean of those that did. */
export function timeRows(settings: readonly Setting[]): string[][] {
  const runs = settings.flatMap((setting) => setting.runs);
  const stages = RUN_STAGES.filter((stage) => runs.some(({ seconds }) => stage in seconds));
  const rows = settings.map((setting, i) => [
    letter(i),
    ...stages.map((stage) => secondsText(setting, stage)),
  ]);
  return [["", ...stages], ...rows];
}

function secondsText({ runs }: Setting, stage: RunStage): string {
  // One slow client would show whether it was drawn.
  if (stage === "train" && runs.some(({ privacy }) => hidesCohort(privacy))) return NOT_TOLD;
  return meanText(
    runs.map(({ seconds }) => seconds[stage] ?? null),
    2,
  );
}

const FAULT_HEAD = [
  "",
  "bytes of updates",
  "lost clients",
  "lost updates",
  "declined",
  "aborted attempts",
];

/** Added up over the runs. */
export function faultRows(settings: readonly Setting[]): string[][] {
  return [FAULT_HEAD, ...settings.map(faultRow)];
}

function faultRow({ runs }: Setting, i: number): string[] {
  return [
    letter(i),
    total(runs.map(({ bytes }) => bytes)),
    total(runs.map(({ faults }) => faults.lostClients)),
    total(runs.map(({ faults }) => faults.lostUpdates)),
    total(runs.map(({ faults }) => faults.declined)),
    total(runs.map(({ faults }) => faults.abortedAttempts)),
  ];
}

function total(values: readonly (number | null)[]): string {
  if (values.includes(null)) return NOT_TOLD;
  return String(values.reduce((sum: number, value) => sum + (value ?? 0), 0));
}
