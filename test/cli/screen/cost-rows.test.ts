/** What a comparison says of time, bytes and faults. */
import { expect, it } from "vitest";
import { faultRows, timeRows } from "../../../cli/screen/cost-rows.ts";

type Setting = Parameters<typeof timeRows>[0][number];
type Run = Setting["runs"][number];

const EVERYBODY = { unit: "client", trust: "central", sampling: { kind: "full" } } as const;
const SECRET = { unit: "client", trust: "central", sampling: { kind: "poisson" } } as const;
const faults = { lostClients: 1, declined: 0, lostUpdates: 3, abortedAttempts: 0 };
const run = (seconds: Run["seconds"], of: Partial<Run> = {}): Run => ({
  ...{ seconds, privacy: EVERYBODY, bytes: 40, faults },
  ...of,
});

it("has a column for each stage that some run told of, in the order of a run, means in it", () => {
  const settings = [
    { runs: [run({ train: 1, prepare: 0.5 }), run({ train: 2, prepare: 0.7, collect: 0.1 })] },
    { runs: [run({ train: 4, keys: 0.25 })] },
  ];
  expect(timeRows(settings)).toEqual([
    ["", "prepare", "collect", "keys", "train"],
    ["A", "0.60", "0.10", "·", "1.50"],
    ["B", "·", "·", "0.25", "4.00"],
  ]);
});

it("tells no training time of a cohort that is secret, whatever a folder has", () => {
  const settings = [{ runs: [run({ charge: 1, train: 9 }, { privacy: SECRET })] }];
  expect(timeRows(settings)).toEqual([
    ["", "charge", "train"],
    ["A", "1.00", "not told"],
  ]);
});

it("adds bytes and faults up over the runs, unless one of them may not be told", () => {
  const secret = { bytes: null, faults: { ...faults, declined: null } };
  const settings = [{ runs: [run({}), run({})] }, { runs: [run({}), run({}, secret)] }];
  const [, ...rows] = faultRows(settings);
  expect(rows).toEqual([
    ["A", "80", "2", "6", "0", "0"],
    ["B", "not told", "2", "6", "not told", "0"],
  ]);
});
