import { createHmac, hkdfSync } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { contractHash, type KeyAssignment, personKeys } from "../../../client/data/person-keys.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { assignmentFor, contractFor, peopleScenario } from "../../support/contracts.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-person-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const COLUMNS = `email: { role: directIdentifier, action: pseudonym, identifier: email, dropAfterJoin: false }
name: { role: directIdentifier, action: pseudonym, dropAfterJoin: false }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
bought: { role: target }`;
const contract = await contractFor(peopleScenario({ columns: COLUMNS }));
const MASTER = Buffer.from(Array.from({ length: 32 }, (_, i) => (7 * i + 3) % 256));
const where = () => "people.csv, line 2, email";

const assigned = (overrides: Partial<KeyAssignment> = {}): KeyAssignment => ({
  source: { file: "people.csv", public: true },
  seed: 3,
  keys: {},
  folder,
  ...overrides,
});
const fromEnv = { email: { env: "MURMUR_TEST_KEY" }, name: { env: "MURMUR_TEST_KEY" } };
const PRIVATE = { file: "people.csv", public: false };

/** The pseudonym by RFC 5869 and RFC 2104 alone. */
function byHand(column: string, spelling: string, salt: string): string {
  const info = `murmur/anon/v1|${column}`;
  const key = hkdfSync("sha256", MASTER, Buffer.from(salt, "hex"), info, 32);
  return createHmac("sha256", Buffer.from(key)).update(spelling).digest("hex").slice(0, 32);
}

async function pseudonymOf(text: string, column: string, of = contract, overrides = {}) {
  const { pseudonyms } = await personKeys(of, assigned(overrides));
  return pseudonyms.get(column)?.(text, where);
}

describe("personKeys", () => {
  it("gives each of several clients a key of its own, by which nobody is the same at two of them", async () => {
    vi.stubEnv("MURMUR_TEST_KEY", MASTER.toString("base64"));
    const at = async (client?: string) => {
      const source = assigned({ source: PRIVATE, keys: fromEnv });
      return (await personKeys(contract, source, client)).pseudonyms.get("name")?.("Ann", where);
    };
    const own = hkdfSync("sha256", MASTER, "", "murmur/anon/v1/client|c1", 32);
    const info = "murmur/anon/v1|name";
    const salt = Buffer.from(contractHash(contract), "hex");
    const key = Buffer.from(hkdfSync("sha256", Buffer.from(own), salt, info, 32));
    expect(await at("c1")).toBe(createHmac("sha256", key).update("Ann").digest("hex").slice(0, 32));
    expect(new Set([await at(), await at("c1"), await at("c2")]).size).toBe(3);
    vi.stubEnv("MURMUR_TEST_KEY", Buffer.alloc(16, 7).toString("base64"));
    await expect(at("c1")).rejects.toThrow("weakKey");
  });

  it("derives a key a column from the client's master key and the contract", async () => {
    vi.stubEnv("MURMUR_TEST_KEY", MASTER.toString("base64"));
    const { pseudonyms, sources, join } = await personKeys(
      contract,
      assigned({ source: PRIVATE, keys: fromEnv }),
    );
    expect([...pseudonyms.keys()]).toEqual(["email", "name"]);
    const salt = contractHash(contract);
    expect(pseudonyms.get("email")?.("ann@EXAMPLE.com", where)).toBe(
      byHand("email", "ann@example.com", salt),
    );
    expect(pseudonyms.get("name")?.("Ann", where)).toBe(byHand("name", "Ann", salt));
    expect(sources.get("email")).toBe("the environment, MURMUR_TEST_KEY");
    // A table of people joins nothing.
    expect(join).toBeUndefined();
  });

  it("gives one text another pseudonym in each column, under each contract and each key", async () => {
    vi.stubEnv("MURMUR_TEST_KEY", MASTER.toString("hex"));
    const keyed = { keys: fromEnv };
    const other = { ...contract, anonymity: { ...contract.anonymity, k: 6 } };
    expect(contractHash(other)).not.toBe(contractHash(contract));
    const all = [
      await pseudonymOf("ann", "email", contract, keyed),
      await pseudonymOf("ann", "name", contract, keyed),
      await pseudonymOf("ann", "email", other, keyed),
      await pseudonymOf("ann", "email"),
      await pseudonymOf("bob", "email"),
      await pseudonymOf("ann", "email", contract, { seed: 4 }),
    ];
    expect(new Set(all).size).toBe(6);
    for (const one of all) expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(await pseudonymOf("ann", "email", contract, keyed)).toBe(all[0]);
  });

  it("simulates a key of public data by the seed, and says so", async () => {
    const { sources } = await personKeys(contract, assigned());
    expect([...sources.values()]).toEqual(["simulated key", "simulated key"]);
    expect(await pseudonymOf("ann", "email")).toBe(await pseudonymOf("ann", "email"));
    const generated = { source: { generator: "purchases", rows: 5, public: false } };
    await expect(pseudonymOf("ann", "email", contract, generated)).resolves.toBeDefined();
  });

  it("asks for a key of private data, column by column", async () => {
    const keys = { email: fromEnv.email };
    vi.stubEnv("MURMUR_TEST_KEY", MASTER.toString("hex"));
    const missing = personKeys(contract, assigned({ source: PRIVATE, keys }));
    await expect(missing).rejects.toThrow(/^missingKey \(data.columns.name.key\)/);
    const unset = { email: { env: "MURMUR_UNSET" }, name: { env: "MURMUR_UNSET" } };
    const lost = personKeys(contract, assigned({ source: PRIVATE, keys: unset }));
    await expect(lost).rejects.toThrow(/^missingKey \(the environment, MURMUR_UNSET\)/);
  });

  it("takes no key for a column from what every object has", async () => {
    const columns = `constructor: { role: directIdentifier, action: pseudonym }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
bought: { role: target }`;
    const features = 'age: { formula: "oneHot(age)" }';
    const odd = await contractFor(peopleScenario({ columns, features }));
    expect([...(await personKeys(odd, assigned())).sources.values()]).toEqual(["simulated key"]);
    const missing = personKeys(odd, assigned({ source: PRIVATE }));
    await expect(missing).rejects.toThrow(/^missingKey \(data.columns.constructor.key\)/);
  });

  it("asks for none where nothing is a pseudonym", async () => {
    const plain = await contractFor(peopleScenario());
    const { pseudonyms, sources } = await personKeys(plain, assigned({ source: PRIVATE }));
    expect([pseudonyms.size, sources.size]).toEqual([0, 0]);
  });

  it("reads a key from a file of the owner's, and tells no path of it", async () => {
    const file = join(folder, "master.key");
    writeFileSync(file, `${MASTER.toString("base64")}\n`, { mode: 0o600 });
    const keys = { email: { file: "master.key" }, name: { file } };
    const { pseudonyms, sources } = await personKeys(contract, assigned({ source: PRIVATE, keys }));
    const salt = contractHash(contract);
    expect(pseudonyms.get("email")?.("a@b.c", where)).toBe(byHand("email", "a@b.c", salt));
    expect([...sources.values()]).toEqual(["a file of its owner's", "a file of its owner's"]);
    chmodSync(file, 0o644);
    const open = personKeys(contract, assigned({ source: PRIVATE, keys }));
    // As the scenario writes it: a refusal reaches the coordinator.
    await expect(open).rejects.toThrow(/^weakKey \(master.key\): .*others may read/);
  });

  it.each([
    ["31 bytes", MASTER.subarray(1).toString("hex")],
    ["one byte, repeated", "ab".repeat(32)],
    ["a passphrase", "correct horse battery staple, and more of it"],
  ])("refuses %s as a weak key, telling nothing of it", async (_, text) => {
    vi.stubEnv("MURMUR_TEST_KEY", text);
    const weak = personKeys(contract, assigned({ source: PRIVATE, keys: fromEnv }));
    await expect(weak).rejects.toThrow(ScenarioError);
    await expect(weak).rejects.toThrow(/^weakKey/);
    await expect(weak).rejects.not.toThrow(text.slice(4, 20));
  });
});

describe("rows of events", async () => {
  const scenario = peopleScenario({
    columns: `patient: { role: directIdentifier, action: pseudonym, dropAfterJoin: false }
visits: { role: eventLog, time: day, cutOff: 2024-06-30, maxAgeDays: 99, maxEvents: 5 }`,
    target: "{ name: back, event: visits, within: 10 }",
    features: 'count: { formula: "count(visits)", bounds: [0, 5] }',
  });
  const { source: _, ...data } = scenario.data;
  const source = {
    file: "visits.csv",
    person: "patient",
    events: { visits: { time: "day", fields: [] } },
    testRows: 1,
    public: true,
  };
  const visits = { ...scenario, data: { ...data, source } };
  const joined = await contractFor(visits);

  it("are joined by the pseudonym, which is then what stands in the cell", async () => {
    vi.stubEnv("MURMUR_TEST_KEY", MASTER.toString("hex"));
    const { join, pseudonyms } = await personKeys(
      joined,
      assigned({ keys: { patient: { env: "MURMUR_TEST_KEY" } } }),
    );
    const due = byHand("patient", "p1", contractHash(joined));
    expect(join?.("p1", where)).toBe(due);
    expect(join?.(" p1 ", where)).toBe(due);
    // Not a pseudonym of a pseudonym.
    expect(pseudonyms.get("patient")?.(due, where)).toBe(due);
    expect(() => join?.("", where)).toThrow("data.missingIdentifier (people.csv, line 2, email)");
  });

  it("come together under every spelling of one person, however prepared", async () => {
    const rows = ["2024-06-01,p1", "2024-06-02, p1", "2024-07-01,p1", "2024-06-03,p2"];
    const more = ["2024-06-01,p3", "2024-07-02,p4"];
    writeFileSync(join(folder, "visits.csv"), ["day,patient", ...rows, ...more, ""].join("\n"));
    // Under this seed one of the four is held out.
    const assignment = assignmentFor(visits, { folder, population: 3, declaredPeople: 4, seed: 2 });
    const { clients, stages } = await prepare(joined, assignment);
    const held = [...clients.values()].reduce((sum, { examples }) => sum + examples.count, 0);
    expect(held).toBe(3);
    expect(stages[0]).toMatchObject({ rowsIn: 6, rowsOut: 3 });
    expect(stages[1]?.namesOut).toEqual(["patient", "visits"]);
    const [report] = [...clients.values()].map(({ report }) => report);
    expect(report?.pseudonyms).toEqual([
      {
        column: "patient",
        algorithm: expect.stringContaining("HMAC-SHA-256"),
        key: "simulated key",
      },
    ]);
  });
});
