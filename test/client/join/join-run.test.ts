/** A client that joins a coordinator whose plan says one thing and promises another, over real sockets. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makePlan, type SealedPlan } from "../../../shared/plan/plan.ts";
import type { PrivacyPlan } from "../../../shared/privacy/plan.ts";
import { parseScenario } from "../../../shared/scenario/scenario.ts";
import { contractFor } from "../../support/contracts.ts";
import { AGREES, joinOnce } from "../../support/joined-once.ts";
import { scratch } from "../../support/murmur.ts";
import { smallScenario } from "../../support/small-scenario.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

const write = (text: string) => writeFileSync(join(folder.path, "rows.csv"), text);

async function distributedPlan(): Promise<SealedPlan> {
  const scenario = smallScenario({
    ...{ "privacy.trust": "distributed", "privacy.epsilon": "1", "privacy.noise": "secure" },
    ...{ "clients.count": "5", "clients.minCohort": "4", "training.rounds": "2" },
  });
  return makePlan(scenario, await contractFor(scenario), "fused");
}

const stopsThere = {
  ...AGREES,
  require: () => {
    throw new Error("it agreed");
  },
};

describe("before its rows are read", () => {
  beforeEach(() => write("never,read\n1,2\n"));

  const joined = (sealed: SealedPlan, change: Partial<PrivacyPlan>) => {
    const { plan } = sealed;
    const altered = { ...sealed, plan: { ...plan, privacy: { ...plan.privacy, ...change } } };
    return joinOnce(folder.path, altered, { consent: stopsThere });
  };

  it("row 42: closes with 4409 and names the number of the plan that does not follow from the rest", async () => {
    const sealed = await distributedPlan();
    const { noiseStddev, scale, sensitivity, clipNorm, minCohort } = sealed.plan.privacy;
    // Each altered alone; of a term it is the first number that follows from it.
    const cases: readonly (readonly [Partial<PrivacyPlan>, field: string])[] = [
      [{ noiseStddev: noiseStddev - 1 }, "noiseStddev"],
      [{ scale: 2 * scale }, "scale"],
      [{ sensitivity: sensitivity - 1 }, "sensitivity"],
      [{ epsilon: 0.5 }, "epsilon"],
      [{ clipNorm: 2 * clipNorm }, "scale"],
      [{ minCohort: minCohort - 1 }, "noiseShares"],
      [{ colluders: 2 }, "noiseShares"],
    ];
    for (const [change, field] of cases) {
      const { why, closes } = await joined(sealed, change);
      expect(why, JSON.stringify(change)).toMatch(`plan.${field} (`);
      expect(closes, JSON.stringify(change)).toContainEqual([4409, `plan.${field}`]);
    }
  });

  it("refuses a plan that shows one formula and computes another, and says which", async () => {
    const sealed = await distributedPlan();
    const { contract } = sealed.plan;
    const features = contract.features.map((feature) =>
      feature.name === "spend" ? { ...feature, formula: "age" } : feature,
    );
    const altered = { ...sealed, plan: { ...sealed.plan, contract: { ...contract, features } } };
    const { why, closes } = await joinOnce(folder.path, altered, { consent: stopsThere });
    expect(why).toMatch(/plan\.formula .*features\.spend\.formula\): got age, expected .*mean\(/);
    expect(closes).toContainEqual([4409, "plan.formula"]);
  });

  it("agrees to the plan as it is", async () => {
    expect((await joined(await distributedPlan(), {})).why).toBe("Error: it agreed");
  });

  it("says goodbye once it has the plan, whether or not its owner agrees", async () => {
    const { events } = await joined(await distributedPlan(), {});
    expect(events).toEqual([
      expect.objectContaining({ event: "connection-ended", fate: "reader", clients: ["a"] }),
    ]);
    expect(events[0]).toMatchObject({ why: "plan read (1000)", awaited: 1 });
  });
});

const ADDRESSES = ["ada@example.com", "bob@example.com", "cyd@example.com"];

/** The labels of three persons, one input a person, exact to the coordinator: what the plan asks for. */
async function attack(trust: "central" | "local"): Promise<SealedPlan> {
  const text = `
format: 1
name: attack
data:
  source: { testFile: test.csv }
  columns:
    contact:
      role: insensitive
      type: category
      vocabulary: [${ADDRESSES.join(", ")}]
      identifiersKnown: nothing to worry about
    ill: { role: target }
  target: { name: illness, column: ill, positive: "yes" }
features:
  who: { formula: "oneHot(contact)" }
training: { rounds: 1 }
privacy: { trust: ${trust}, epsilon: 1, delta: 1e-5, population: 3, noise: secure }
clients: { count: 1, minCohort: 1 }
`;
  const scenario = parseScenario(text, "attack.yaml");
  return makePlan(scenario, await contractFor(scenario), "fused");
}

describe("of a plan that says that people in a column are known", () => {
  beforeEach(() =>
    write(
      `contact,ill\n${ADDRESSES.map((one, i) => `${one},${i === 1 ? "yes" : "no"}`).join("\n")}\n`,
    ),
  );

  it("believes nothing: the column stops the client, and the coordinator hears no more than a goodbye", async () => {
    const { why, events } = await joinOnce(folder.path, await attack("local"));
    expect(why).toMatch(/^ScenarioError: identifierInHarmlessColumn .*--identifiers-known/);
    expect(why).not.toContain("example.com");
    expect(events).toMatchObject([{ event: "connection-ended", fate: "reader" }]);
  });

  it("goes on where its owner says why, and the owner's report has that reason, not the plan's", async () => {
    const identifiersKnown = new Map([["contact", "shared mailboxes"]]);
    const { why, events } = await joinOnce(folder.path, await attack("local"), {
      identifiersKnown,
    });
    expect(why).toBe("joined");
    expect(events.map(({ event }) => event)).toContain("clients-joined");
    const own = join(folder.path, "own");
    const run = readdirSync(own).find((name) => existsSync(join(own, name, "a.json"))) ?? "";
    const { scan } = JSON.parse(readFileSync(join(own, run, "a.json"), "utf8"));
    expect(scan.findings).toMatchObject([{ column: "contact", overruled: "shared mailboxes" }]);
  });

  it("wants a statement of a column that is there", async () => {
    const identifiersKnown = new Map([["kontact", "shared mailboxes"]]);
    const { why } = await joinOnce(folder.path, await attack("local"), { identifiersKnown });
    expect(why).toMatch(/^ScenarioError: identifiersKnown \(--identifiers-known\): got kontact/);
  });

  it("lets no exact update leave, unless its owner says so", async () => {
    const identifiersKnown = new Map([["contact", "shared mailboxes"]]);
    const silent = await joinOnce(folder.path, await attack("central"), { identifiersKnown });
    expect(silent.why).toMatch(/^ProtocolError: plan\.trust .*--allow-exact-updates/);
    expect(silent.closes).toContainEqual([4409, "plan.trust"]);
    const spoken = { identifiersKnown, exactUpdates: true };
    expect((await joinOnce(folder.path, await attack("central"), spoken)).why).toBe("joined");
  });
});

it("dials no more where its owner, asked with the rows at hand, does not agree", async () => {
  write(`contact,ill\n${ADDRESSES[0]},yes\n`);
  const declines = {
    ...AGREES,
    ask: async () => {
      throw new Error("no, thanks");
    },
  };
  const identifiersKnown = new Map([["contact", "shared mailboxes"]]);
  const given = { identifiersKnown, consent: declines };
  const { why, events } = await joinOnce(folder.path, await attack("local"), given);
  expect(why).toBe("Error: no, thanks");
  expect(events).toMatchObject([{ event: "connection-ended", fate: "reader" }]);
});

describe("of private rows", () => {
  const ROWS = ["20,Rome,no", "30,Oslo,yes", "50,Rome,no"];
  const MANY = Array.from({ length: 30 }, (_, i) => `${20 + i},Oslo,${i % 2 ? "yes" : "no"}`);

  async function plain(): Promise<SealedPlan> {
    const text = `
format: 1
name: plain
data:
  source: { testFile: test.csv }
  columns:
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [30, 60] }
    city: { role: insensitive, type: category, vocabulary: [Rome, Oslo] }
    ill: { role: target, vocabulary: ["no", "yes"] }
  target: { name: illness, column: ill, positive: "yes" }
features:
  age: { formula: "oneHot(age)" }
training: { rounds: 1 }
privacy: { trust: local, epsilon: 1, delta: 1e-5, population: 3, noise: secure }
clients: { count: 1, minCohort: 1 }
`;
    const scenario = parseScenario(text, "plain.yaml");
    return makePlan(scenario, await contractFor(scenario), "fused");
  }

  const joinWith = async (rows: readonly string[]) => {
    write(`${["age,city,ill", ...rows].join("\n")}\n`);
    // Each an owner of its own: a ledger that goes on would tell these rows from those.
    rmSync(join(folder.path, "own"), { recursive: true, force: true });
    const { why, events, sent } = await joinOnce(folder.path, await plain());
    // Ports and the like are of this socket, not of the rows.
    const seen = events.map((event) => ({ ...event, where: undefined }));
    return { why, seen, sent };
  };

  it.each([
    ["a label that no class has", ROWS.with(2, "50,Rome,perhaps")],
    ["a cell that cannot be parsed", ROWS.with(2, "fifty,Rome,no")],
    ["a value that the plan lacks", ROWS.with(2, "50,Paris,no")],
    ["a row of another length", ROWS.with(2, "50")],
    ["no row of one class", ROWS.filter((row) => row.endsWith("no"))],
    ["an e-mail address in one cell", [...ROWS, ...MANY].with(2, "50,ada@example.com,no")],
    ["more rows", [...ROWS, ...ROWS, ...ROWS]],
    ["no row", []],
  ])("%s joins as any other, by messages of the same kinds and sizes", async (_, rows) => {
    const sound = await joinWith(ROWS);
    expect(sound.why).toBe("joined");
    // The plan is read by one connection, taken part in by another.
    const kinds = sound.sent.map((one) => one.split(" ")[0]);
    expect(kinds).toEqual(["auth", "bye", "auth", "ready", "put", "frame"]);
    expect(await joinWith(rows)).toEqual(sound);
  });

  it("what stops it at home is heard there: of the coordinator it has read the plan, and no more", async () => {
    const { seen } = await joinWith(ROWS.with(2, "50,ada@example.com,no"));
    expect(seen).toMatchObject([{ event: "connection-ended", fate: "reader", clients: ["a"] }]);
  });
});
