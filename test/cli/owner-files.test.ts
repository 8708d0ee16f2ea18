/** What `murmur run` leaves for each client's owner, beside what the coordinator wrote of that client. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientLine } from "../support/client-lines.ts";
import { murmur, runJson, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const SCENARIO = "scenarios/purchases.yaml";
const set = (...values: string[]) => values.flatMap((value) => ["--set", value]);
const SMALL = [
  ...["--hosts", "2"],
  ...set("privacy.trust=central", "privacy.population=300", "clients.count=3"),
  ...set("clients.minCohort=2"),
  ...set("data.source.rows=300", "data.source.testRows=20"),
  ...set("training.rounds=3", "training.learningRate=0.25"),
];
const folder = scratch();
afterAll(folder.remove);
const run = (name: string, ...args: string[]) =>
  runJson(SCENARIO, [...SMALL, ...args, "--out", join(folder.path, name)]);
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

let result: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  result = await run("report");
}, TIMEOUT_MS);
const CLIENTS = ["c1.json", "c2.json", "c3.json"];

it("has a file and a page a client, for its owner's eyes only", () => {
  const place = join(result.runFolder, "clients-private");
  const pages = CLIENTS.map((name) => name.replace("json", "html"));
  expect(readdirSync(place).sort()).toEqual([...CLIENTS, ...pages].sort());
  for (const name of readdirSync(place))
    expect(statSync(join(place, name)).mode & 0o777).toBe(0o600);
});

it("tells the same updates and bytes as the coordinator counted", () => {
  for (const name of CLIENTS) {
    const own = json(result.runFolder, "clients-private", name);
    const told = clientLine(result.runFolder, name.replace(".json", ""));
    expect(own.client).toBe(told.client);
    expect(own.egress.own).toEqual({
      updates: told.updates,
      bytes: told.bytes,
      declined: 0,
    });
    expect(told.updates).toBe(3);
    expect(own.egress.to).toMatch(/^the coordinator at 127\.0\.0\.1:\d+$/);
  }
});

it("shows its owner a page of the same: what left, how columns are kept, how alike rows are", () => {
  const own = json(result.runFolder, "clients-private", "c1.json");
  const html = readFileSync(join(result.runFolder, "clients-private/c1.html"), "utf8");
  const rowOf = (...cells: string[]) => cells.map((cell) => `<td>${cell}</td>`).join("");
  for (const { kind, carries, messages, bytes } of own.egress.connection.kinds)
    expect(html).toContain(
      rowOf(kind, carries.replaceAll("'", "&#39;"), `${messages}`, `${bytes}`),
    );
  expect(html).toContain(rowOf("email", "directIdentifier", "dropped"));
  const [before, after] = [own.before, own.after].map((m) => `${m.equivalence_classes}`);
  expect(html).toContain(rowOf("equivalence classes", before ?? "", after ?? ""));
  expect(html).toContain("None. Looked for: email, phone");
  expect(html.replace(/<style>.*?<\/style>/s, "")).not.toContain("@");
});

it("ends with what the ledger spent, and where it stood", () => {
  const head = json(result.runFolder, "manifest.json").ledger;
  for (const name of CLIENTS) {
    const { privacy } = json(result.runFolder, "clients-private", name);
    const [model] = result.claims;
    expect(privacy.spent.modelRecipients).toEqual({
      anonymized: model.anonymized,
      raw: model.raw,
      delta: 1e-5,
      rawDelta: 1e-5,
    });
    expect(privacy.spent.coordinator).toMatchObject({ anonymized: null, raw: null });
    expect(privacy).toMatchObject({ unit: "record", trust: "central", rawFactor: 1 });
    // The run's own last line closes the ledger after the last attempt.
    expect(privacy.ledger.seq).toBe(head.seq - 1);
  }
});

it("keeps what is a function of rows out of all that others may read", () => {
  const own = json(result.runFolder, "clients-private", "c1.json");
  expect(own.stages[0].rows).toBeGreaterThan(0);
  const shared = readdirSync(result.runFolder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(json|jsonl|html|yaml)$/.test(name) && !name.startsWith("clients-private"))
    .map((name) => readFileSync(join(result.runFolder, name), "utf8"));
  expect(shared.length).toBeGreaterThan(8);
  for (const text of shared)
    for (const name of ["prosecutor", "equivalence_classes", "suppressedRows", "unicity"])
      expect(text).not.toContain(name);
});

describe("under suppression", () => {
  it(
    "prices the raw table as the claims do, and verifies",
    async () => {
      const suppressed = await run(
        "suppress",
        ...set("data.anonymity.mode=suppress", "data.anonymity.k=3"),
      );
      const [model] = suppressed.claims;
      expect(model.rawDelta).toBe(1e-5);
      // At one δ a Gaussian of k times the sensitivity costs more than k times ε, and less than group privacy.
      expect(model.raw).toBeGreaterThan(3 * model.anonymized);
      expect(model.raw).toBeLessThan(3 * 1.3 * model.anonymized);
      expect(suppressed.claim).toContain("may move 3 rows");
      // Every ε of a run is of the raw table.
      expect([suppressed.epsilon, suppressed.epochs.at(-1).epsilon]).toEqual([
        model.raw,
        model.raw,
      ]);
      expect(suppressed.delta).toBe(model.rawDelta);
      let gone = 0;
      for (const name of CLIENTS) {
        const { privacy, stages, after, loss } = json(
          suppressed.runFolder,
          "clients-private",
          name,
        );
        expect(privacy).toMatchObject({
          rawFactor: 3,
          spent: { modelRecipients: { raw: model.raw } },
        });
        expect(after.k === 0 || after.k >= 3).toBe(true);
        expect(stages[0].rows - stages[1].rows).toBe(loss.suppressedRows);
        gone += loss.suppressedRows;
      }
      expect(gone).toBeGreaterThan(0);
      expect((await murmur(["verify", suppressed.runFolder])).status).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    "says none under mondrian",
    async () => {
      const cut = await run(
        "mondrian",
        ...set("data.anonymity.mode=mondrian", "data.anonymity.k=3"),
      );
      const [model] = cut.claims;
      expect(model).toMatchObject({ raw: null, rawDelta: null });
      expect(model.anonymized).toBeGreaterThan(0.9);
      expect(cut.claim).toContain("against the raw table: none");
      expect([cut.epsilon, cut.epochs.at(-1).epsilon]).toEqual([null, null]);
      const { privacy, after } = json(cut.runFolder, "clients-private", "c1.json");
      expect(privacy).toMatchObject({ rawFactor: null, spent: { modelRecipients: { raw: null } } });
      expect(after.k).toBeGreaterThanOrEqual(3);
      expect((await murmur(["verify", cut.runFolder])).status).toBe(0);
    },
    TIMEOUT_MS,
  );
});
