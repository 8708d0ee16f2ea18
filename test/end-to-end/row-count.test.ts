/**
 * How many rows a client has, how many of them are suppressed, how many a batch holds: nothing that
 * leaves it says so. Runs that differ in one client's rows alone send the same messages in the same
 * number and of the same length, and leave the same files; what differs is noise, keys and what was
 * trained, each named here. (When a message comes is no part of this: time is not hidden.)
 */
import { beforeAll, expect, it } from "vitest";
import { generatePurchases } from "../../client/data/purchases.ts";
import { customersCsv, LOCATIONS, onFiles, plainCustomer } from "../support/canary-tables.ts";
import { type CapturedRun, capturedRun, haystacksOf } from "../support/captured-run.ts";
import type { ClientStream } from "../support/client-stream.ts";

/** Rows of the client that differs: many, or fewer than the k that is required of them. */
const ROWS = [1_237, 3] as const;
const OTHERS = 40;
const HELD_OUT = 60;

interface Captured {
  readonly rows: number;
  readonly run: CapturedRun;
  readonly suppressed: number;
}

const runs: Captured[] = [];
beforeAll(async () => {
  const people = [...generatePurchases(3, ROWS[0] + 2 * OTHERS + HELD_OUT, "person")].map(
    plainCustomer,
  );
  const rest = people.slice(ROWS[0]);
  const scenario = onFiles(
    "purchases",
    { files: ["a.csv", "b.csv", "c.csv"], testFile: "held-out.csv" },
    (changed) => {
      const { columns } = changed.data;
      columns.purchaseHistory.category = { vocabulary: ["books", "games"] };
      // So fine that most classes are small.
      columns.age.bands = Array.from({ length: 60 }, (_, i) => 18 + i);
      changed.data.anonymity = { mode: "suppress", k: 5 };
      changed.training.sampling = { kind: "poisson", rate: 0.5 };
      changed.privacy.population = 2_000;
    },
  );
  for (const rows of ROWS) {
    const run = await capturedRun({
      ...LOCATIONS,
      "scenario.yaml": scenario,
      "a.csv": customersCsv(people.slice(0, rows)),
      "b.csv": customersCsv(rest.slice(0, OTHERS)),
      "c.csv": customersCsv(rest.slice(OTHERS, 2 * OTHERS)),
      "held-out.csv": customersCsv(rest.slice(2 * OTHERS)),
    });
    const own = JSON.parse(String(run.owned.get("run/clients-private/c1.json")));
    expect(own.stages[0].rows).toBe(rows);
    runs.push({ rows, run, suppressed: own.loss.suppressedRows });
  }
}, 60_000);

function both(): [many: CapturedRun, few: CapturedRun] {
  const [many, few] = runs;
  if (!many || !few) throw new Error("no runs");
  return [many.run, few.run];
}

it("runs to its end whatever the rows, and suppresses some", () => {
  const [many, few] = runs;
  for (const { run } of runs) expect([run.status, run.stderr]).toEqual([0, ""]);
  expect(many?.suppressed).toBeGreaterThan(100);
  expect(few?.suppressed).toBe(3);
});

/** Fresh in each run: nonces, keys, and the hash of what is noised or trained. */
const FRESH = ["key", "clientNonce", "mac", "sha256"];

/**
 * Messages but heartbeats, without their numbers; what is fresh, by its length. Their order is time,
 * and so is in a `have` the stream, which the coordinator numbers as hosts join.
 */
function said({ texts }: ClientStream): string[] {
  const messages = texts.map((text) => JSON.parse(text));
  return messages
    .filter(({ t }) => t !== "ping" && t !== "pong")
    .map(({ seq: _, ...numbered }) => {
      const message = numbered.t === "have" ? { ...numbered, stream: 0 } : numbered;
      const shape = Object.entries(message).map(([key, value]) =>
        FRESH.includes(key) ? [key, String(value).length] : [key, value],
      );
      return JSON.stringify(Object.fromEntries(shape));
    })
    .sort();
}

it("sends the same messages, numbers and lengths and all, whatever the rows", () => {
  const [many, few] = both();
  expect([...many.sockets.keys()]).toEqual([...few.sockets.keys()]);
  for (const [client, stream] of many.sockets) {
    const own = few.sockets.get(client);
    if (!own) throw new Error(`no socket of ${client}`);
    expect(said(own).length).toBeGreaterThan(10);
    expect(said(own)).toEqual(said(stream));
    const lengths = ({ frames }: ClientStream) => frames.map(({ length }) => length);
    expect(lengths(own)).toEqual(lengths(stream));
    const objects = ({ objects: all }: ClientStream) => [...all].map(([n, o]) => [n, o.length]);
    expect(objects(own)).toEqual(objects(stream));
    expect(own.request.length).toBe(stream.request.length);
  }
});

it("tells its parent the same bytes, whatever the rows", () => {
  const [many, few] = both();
  expect(few.ipc).toEqual(many.ipc);
  expect(many.ipc).toHaveLength(1);
});

/** Of what was trained, noised or drawn, and of when; everything else is the plan's. */
const TRAINED =
  /^(loss|accuracy|interval|modelHash|prediction|likelihood|lines|checked|runId|hash|prev|ledger|time|seconds|runFolder|epochs|rounds|start|confusion|auc|calibration|contentHash|right|onlyClass|ledgerHash|(model\/)?(weights\.bin|provenance\.json|rounds\.jsonl|trace\.json))$/;

/** Path → value of a JSON text, without what is trained; of that, how many there are. */
function fixed(value: unknown, path = "", found = new Map<string, unknown>()) {
  if (typeof value === "string") found.set(path, value.replace(/(?<=^likelihood )[\d.]+$/, "#"));
  else if (typeof value !== "object" || value === null) found.set(path, value);
  else
    for (const [key, own] of Object.entries(value)) {
      // How many there are, the released model and public rows decide.
      if (key === "warnings") continue;
      if (!TRAINED.test(key)) fixed(own, `${path}/${key}`, found);
      else found.set(`${path}/${key}`, Array.isArray(own) ? own.length : typeof own);
    }
  return found;
}

/** A text with each number's digits taken out, so that two have the same words. */
function words(text: string): string {
  return (
    text
      // A figure is of what was trained, down to the marks on its axes.
      .replace(/<svg .*?<\/svg>/gs, "figure")
      .replace(/\b[0-9a-f]{12,64}\b/g, "hash")
      .replace(/[-−+]?\d[\d.,]*(e-?\d+)?/g, "#")
      .replace(/[█▇▆▅▄▃▂▁·#]+/g, "#")
      // What the released model makes of public rows.
      .replace(
        /<p class="note">(the model calls|by # held-out rows the model|its loss)[^<]*<\/p>\s*/g,
        "",
      )
      // Confidences that some held-out row had: a row a bin.
      .replace(/(<tr><td># to #<\/td>.*<\/tr>\s*)+/g, "bins")
  );
}

/** What of a file must not hang on any rows. */
function ofPlan([path, bytes]: readonly [string, Buffer]): unknown {
  const text = String(bytes);
  if (path.endsWith(".json")) return fixed(JSON.parse(text));
  if (path.endsWith(".jsonl"))
    return text
      .trim()
      .split("\n")
      .map((line) => fixed(JSON.parse(line)));
  if (path.endsWith(".html")) return words(text);
  return path.endsWith(".bin") ? bytes.length : text;
}

it("leaves the same files, equal but for what was trained, whatever the rows", () => {
  const [many, few] = both();
  expect([...few.owned.keys()]).toEqual([...many.owned.keys()]);
  const planned = ({ shared }: CapturedRun) =>
    // A log tells when who joined, which no two runs have alike.
    [...shared].flatMap((file) =>
      file[0] === "log.jsonl" ? [] : [[file[0], ofPlan(file)] as const],
    );
  expect(planned(few)).toEqual(planned(many));
  expect(planned(few).length).toBeGreaterThan(8);
  expect(fixed(JSON.parse(few.stdout))).toEqual(fixed(JSON.parse(many.stdout)));
});

it("names neither the rows nor the suppressed ones anywhere", () => {
  for (const { rows, suppressed, run } of runs) {
    const counts = [rows, suppressed, rows - suppressed].filter((count) => count > 100);
    for (const count of counts) {
      const digits = String(count);
      const pattern = new RegExp(`(?<![\\w.+/-])${digits}(?!\\.?\\d)(?![\\w+/-])`);
      const places = haystacksOf(run).filter(({ bytes }) => pattern.test(bytes.toString("latin1")));
      expect(places.map(({ place }) => `${digits} in ${place}`)).toEqual([]);
    }
  }
});
