import { expect, it } from "vitest";
import { Attempt } from "../../../server/attempts/attempt.ts";
import { FaultLog } from "../../../server/attempts/fault-log.ts";
import { refusalOf } from "../../support/refusal.ts";

const NAMES = ["a", "b", "c", "d", "e"];
const ids = { round: 3, attempt: 1, sha256: "x" };
const update = { kind: "update", ...ids, update: Int32Array.of(1, 2) } as const;

/** a counts, b is lost, c sends what has no place here, d nothing; e was not asked. */
function settled(): Attempt {
  const attempt = new Attempt(3, 1, [0, 1, 2, 3], 2);
  attempt.offer({ vclient: 0, ...update });
  attempt.lose([1]);
  const stale = () => attempt.offer({ vclient: 2, ...update, round: 2 });
  expect(refusalOf(stale)).toBe("update.round");
  attempt.close();
  return attempt;
}

it("says nothing where nothing went amiss", () => {
  const attempt = new Attempt(0, 0, [0], 2);
  attempt.offer({ vclient: 0, ...update, round: 0, attempt: 0 });
  const book = new FaultLog(NAMES, () => []);
  book.note("train", attempt, null);
  expect(book.trace).toBeUndefined();
});

it("keeps what became of each that was asked, whether a script had a part in it or not", () => {
  const scripted = ({ task }: { task: string }, client: string) =>
    task === "train" && (client === "a" || client === "d") ? ["slow", "garbage"] : [];
  const book = new FaultLog(NAMES, scripted);
  book.note("train", settled(), { charged: true });
  const moment = { round: 3, attempt: 1 };
  const events = [
    { ...moment, client: "a", fault: "slow", became: "counted" },
    { ...moment, client: "a", fault: "garbage", became: "counted" },
    { ...moment, client: "b", fault: null, became: "lost" },
    { ...moment, client: "c", fault: null, became: "refused: update.round" },
    { ...moment, client: "d", fault: "slow", became: "late" },
    { ...moment, client: "d", fault: "garbage", became: "late" },
  ];
  expect(book.trace?.events).toEqual(events);
  expect(book.trace?.counts).toEqual(
    events.map(({ fault, became }) => ({ fault, became, count: 1 })),
  );
  expect(book.trace?.aborted).toEqual([{ ...moment, charged: true }]);
  // Of an attempt that only counted, the script is silent.
  book.note("evaluation", settled(), null);
  expect(book.trace?.counts.at(-1)).toEqual({ fault: null, became: "late", count: 1 });
});

it("counts on where its lists end, at a thousand", () => {
  const book = new FaultLog(NAMES, () => ["hang"]);
  for (let i = 0; i < 600; i++) book.note("train", settled(), { charged: false });
  expect(book.trace?.events).toHaveLength(1_000);
  expect(book.trace?.aborted).toHaveLength(600);
  expect(book.trace?.aborted.some(({ charged }) => charged)).toBe(false);
  expect(book.trace?.counts.reduce((sum, { count }) => sum + count, 0)).toBe(2_400);
});

it("lets what was counted stand, whatever else its client said", () => {
  const attempt = new Attempt(3, 1, [0], 2);
  attempt.offer({ vclient: 0, ...update });
  expect(refusalOf(() => attempt.offer({ vclient: 0, ...update, sha256: "y" }))).toBe(
    "update.conflict",
  );
  attempt.lose([0]);
  expect(attempt.became(0)).toEqual({ kind: "counted" });
});
