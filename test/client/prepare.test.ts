import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { anonymizer, readablePerson } from "../../client/anonymize/anonymize.ts";
import { collect } from "../../client/collect.ts";
import { engineer, preparedPerson } from "../../client/engineer.ts";
import { generatePurchases } from "../../client/generators/purchases.ts";
import { labeller } from "../../client/label.ts";
import { personFromRow } from "../../client/person-row.ts";
import { prepare } from "../../client/prepare.ts";
import type { RawPerson } from "../../client/raw-person.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import { runFormula } from "../../shared/contract/formula.ts";
import { parseFormula } from "../../shared/contract/formula-parse.ts";
import {
  assignmentFor,
  contractFor,
  peopleScenario,
  shippedScenario,
  vectors,
} from "../support/contracts.ts";

const features = z.record(z.string(), z.union([z.number(), z.string()]));
const anonymized = z.record(z.string(), z.unknown());
const worked = { features, inputs: z.array(z.number()), target: z.number() };

/** Holds one person's three stages and label against a worked row. */
function expectWorked(
  person: RawPerson,
  contract: Contract,
  row: {
    anonymized?: unknown;
    features: z.infer<typeof features>;
    inputs: number[];
    target: number;
  },
): void {
  const result = anonymizer(contract)(person);
  if (row.anonymized) expect(readablePerson(result, contract)).toEqual(row.anonymized);
  const prepared = preparedPerson(result, [], contract);
  expect(Object.fromEntries(prepared.features.map(({ name, value }) => [name, value]))).toEqual(
    row.features,
  );
  const inputs = [...prepared.inputs].map((input) => Number(input.toFixed(4)));
  expect(inputs).toEqual(row.inputs);
  expect(labeller(contract)(person)).toBe(row.target);
  const examples = engineer([{ ...result, label: labeller(contract)(person) }], contract);
  expect([...examples.inputs]).toEqual([...prepared.inputs]);
  expect([...examples.labels]).toEqual([row.target]);
}

describe("scenarios/purchases.yaml", async () => {
  const scenario = shippedScenario("purchases");
  const contract = await contractFor(scenario);
  const expected = z
    .object({
      collect: z.object({ rows: z.number(), columns: z.number() }),
      anonymize: z.object({ kept: z.array(z.string()) }),
      engineer: z.object({ features: z.number(), modelInputs: z.number() }),
      rows: z.array(z.object({ raw: anonymized, anonymized, ...worked })),
    })
    .parse(vectors("purchases"));

  it.each(expected.rows.map((row) => [String(row.raw.name), row] as const))(
    "takes %s to the worked row, stage by stage",
    (_, row) => {
      expectWorked(personFromRow(row.raw, contract, "row"), contract, row);
    },
  );

  it("has the stages of the worked trace", async () => {
    const { stages, heldOut, clients } = await prepare(contract, assignmentFor(scenario));
    const [collected, anonymizedStage, engineered] = stages;
    const { rows, columns } = expected.collect;
    expect(collected).toMatchObject({ rowsIn: rows, rowsOut: rows });
    expect(collected?.namesIn).toHaveLength(columns);
    expect(anonymizedStage).toMatchObject({ rowsOut: rows, namesOut: expected.anonymize.kept });
    expect(engineered?.namesOut).toHaveLength(expected.engineer.features);
    expect(heldOut).toMatchObject({ count: 200, width: expected.engineer.modelInputs });
    const held = [...clients.values()].reduce((sum, { examples }) => sum + examples.count, 0);
    expect(held).toBe(rows);
  });

  it("gives a client the same rows whoever else its host holds, and however many are held out", async () => {
    const all = await prepare(contract, assignmentFor(scenario));
    const mine = ["client-3"];
    const alone = await prepare(contract, assignmentFor(scenario, { mine, heldOut: false }));
    expect([...alone.clients.keys()]).toEqual(mine);
    expect(alone.clients.get("client-3")).toEqual(all.clients.get("client-3"));
    expect(alone.heldOut).toBeNull();
    expect(alone.person).toBeNull();
    const source = { ...scenario.data.source, testRows: 300 };
    const more = await prepare(contract, assignmentFor(scenario, { source }));
    expect(more.clients).toEqual(all.clients);
    expect(more.heldOut?.inputs.slice(0, 200 * 9)).toEqual(all.heldOut?.inputs);
  });

  it("holds out the generator's own held-out people, and none of the clients'", async () => {
    const assignment = assignmentFor(scenario);
    const { heldOut } = await collect(contract, assignment);
    const [anonymize, label] = [anonymizer(contract), labeller(contract)];
    const examples = engineer(
      heldOut.map((person) => ({ ...anonymize(person), label: label(person) })),
      contract,
    );
    expect((await prepare(contract, assignment)).heldOut).toEqual(examples);
    const names = new Set(generatePurchases(7, 200, "heldOut").map(({ email }) => email));
    expect(new Set(heldOut.map(({ values }) => values.get("email")))).toEqual(names);
  });

  it("keeps every model input inside its known interval", async () => {
    const { heldOut } = await prepare(contract, assignmentFor(scenario));
    expect(Math.min(...(heldOut?.inputs ?? []))).toBe(-1);
    expect(Math.max(...(heldOut?.inputs ?? []))).toBe(1);
  });

  it("predicts the stated person, or else the first held-out one", async () => {
    const [anna] = expected.rows;
    const stated = await prepare(contract, assignmentFor(scenario, { predictRow: anna?.raw }));
    expect(stated.person?.features).toEqual(
      Object.entries(anna?.features ?? {}).map(([name, value]) => ({ name, value })),
    );
    expect(stated.person?.columns).toEqual(["age", "location", "purchaseHistory"]);
    const { person, heldOut } = await prepare(contract, assignmentFor(scenario));
    expect(person?.inputs).toEqual(heldOut?.inputs.slice(0, 9));
  });

  it("refuses a population other than the people there are, but only where it is public", async () => {
    const wrong = prepare(contract, assignmentFor(scenario, { population: 999 }));
    await expect(wrong).rejects.toThrow(/^privacy.population .*1000/);
    // As where the unit is the client, or the rows are private.
    const unchecked = prepare(contract, assignmentFor(scenario, { population: null }));
    await expect(unchecked).resolves.toBeDefined();
  });
});

describe("scenarios/online-retail.yaml", async () => {
  const scenario = shippedScenario("online-retail");
  const contract = await contractFor(scenario);
  const counts = z.record(z.string(), z.number());
  const expected = z
    .object({
      people: z.object({ inFile: z.number(), afterWhere: z.number(), positive: z.number() }),
      countries: counts,
      aboveUpperBound: counts,
      rows: z.array(
        z.object({
          person: z.string(),
          anonymized: anonymized.optional(),
          unclipped: counts.optional(),
          ...worked,
        }),
      ),
      excluded: z.string(),
    })
    .parse(vectors("online-retail"));
  const { people, records } = await collect(contract, assignmentFor(scenario));
  const anonymize = anonymizer(contract);
  const inPopulation = people.filter(
    (person) => runFormula(contract.where?.postfix ?? [], anonymize(person)) !== 0,
  );
  const personOf = (id: string) => {
    const found = people.find(({ values }) => values.get("customerId") === id);
    if (!found) throw new Error(`no person ${id}`);
    return found;
  };

  it("joins 22,190 invoices to 4,372 people, of whom 4,067 have a history and 1,388 a positive label", () => {
    expect(records).toBe(22_190);
    expect(people).toHaveLength(expected.people.inFile);
    expect(inPopulation).toHaveLength(expected.people.afterWhere);
    const label = labeller(contract);
    expect(inPopulation.filter((person) => label(person) === 1)).toHaveLength(
      expected.people.positive,
    );
  });

  it("takes the country of the first invoice", () => {
    const readableCountry = inPopulation.map(
      (person) => readablePerson(anonymize(person), contract).country,
    );
    for (const [country, count] of Object.entries(expected.countries)) {
      expect(readableCountry.filter((other) => other === country)).toHaveLength(count);
    }
  });

  it("clips as many values at the upper bounds as the prototype did", () => {
    for (const { name, postfix, bounds } of contract.features) {
      const above = inPopulation.filter(
        (person) => runFormula(postfix, anonymize(person)) > (bounds?.[1] ?? NaN),
      );
      expect([name, above.length]).toEqual([name, expected.aboveUpperBound[name]]);
    }
  });

  it.each(expected.rows.map((row) => [row.person, row] as const))(
    "takes person %s to the worked row, stage by stage",
    (id, row) => {
      expectWorked(personOf(id), contract, row);
      const person = anonymize(personOf(id));
      for (const [name, value] of Object.entries(row.unclipped ?? {})) {
        const feature = contract.features.find((candidate) => candidate.name === name);
        expect(runFormula(feature?.postfix ?? [], person)).toBe(value);
      }
    },
  );

  it("leaves out who has no purchase before the cut-off", () => {
    expect(inPopulation).not.toContain(personOf(expected.excluded));
  });

  it("holds 800 people out, and no row of theirs is a client's", async () => {
    const { clients, heldOut, stages } = await prepare(contract, assignmentFor(scenario));
    const shares = [...clients.values()].map(({ examples, present }) => {
      const kept = Array.from({ length: examples.count }, (_, i) => i).filter(
        (i) => present?.[i] !== 0,
      );
      const { width } = examples;
      return {
        count: kept.length,
        width,
        inputs: Float32Array.from(
          kept.flatMap((i) => [...examples.inputs.subarray(i * width, (i + 1) * width)]),
        ),
        labels: Float32Array.from(kept, (i) => examples.labels[i] ?? 0),
      };
    });
    expect(heldOut?.count).toBe(800);
    expect(shares.reduce((sum, { count }) => sum + count, 0)).toBe(3_267);
    // Together they are the population, each person once: as multisets of rows, labels included.
    const rows = (examples: {
      count: number;
      width: number;
      inputs: Float32Array;
      labels: Float32Array;
    }) =>
      Array.from({ length: examples.count }, (_, i) =>
        [
          ...examples.inputs.subarray(i * examples.width, (i + 1) * examples.width),
          examples.labels[i],
        ].join(" "),
      );
    const label = labeller(contract);
    const whole = engineer(
      inPopulation.map((person) => ({ ...anonymize(person), label: label(person) })),
      contract,
    );
    const parts = [...shares, ...(heldOut ? [heldOut] : [])].flatMap(rows);
    expect(parts.sort()).toEqual(rows(whole).sort());
    expect(stages[0]).toMatchObject({ rowsIn: 22_190, rowsOut: 3_267 });
  });

  it("splits by the seed, the same on a host that prepares no held-out rows", async () => {
    const mine = ["client-1"];
    const seven = await prepare(contract, assignmentFor(scenario, { mine, heldOut: false }));
    const eight = await prepare(contract, assignmentFor(scenario, { mine, seed: 8 }));
    const both = await prepare(contract, assignmentFor(scenario, { mine }));
    expect(seven.clients).toEqual(both.clients);
    expect(eight.clients).not.toEqual(seven.clients);
    expect(eight.heldOut?.inputs).not.toEqual(both.heldOut?.inputs);
  });
});

describe("a plain table, one row a person", () => {
  const folder = mkdtempSync(join(tmpdir(), "murmur-prepare-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const PEOPLE = [
    "ann@example.com,17,Rome,1000,yes",
    "bob@example.com,18,Oslo,0,no",
    "cem@example.com,37,Bern,250.5,no",
    "dee@example.com,38,,500,yes",
    "eve@example.com,90,Rome,20,no",
    "fay@example.com,44,Oslo,30,yes",
    "gus@example.com,25,Oslo,40,no",
    "hal@example.com,26,Rome,50,yes",
    "ida@example.com,27,Rome,60,no",
    "jon@example.com,28,Rome,70,yes",
  ];
  const text =
    'age: { formula: "oneHot(age)" }\ncity: { formula: "oneHot(city)" }\nincome: { formula: "income / 2", bounds: [0, 250] }';
  const scenario = peopleScenario({ features: text });

  async function prepared(rows: readonly string[], overrides = {}) {
    writeFileSync(
      join(folder, "people.csv"),
      ["email,age,city,income,bought", ...rows, ""].join("\n"),
    );
    const contract = await contractFor(scenario);
    return prepare(contract, assignmentFor(scenario, { folder, ...overrides }));
  }
  it.each([
    [true, 10],
    [false, null],
  ])("tells how many rows there are where the table is public (%s)", async (isPublic, rows) => {
    const source = { ...scenario.data.source, public: isPublic, testRows: 2 };
    const { stages } = await prepared(PEOPLE, { source, population: null });
    expect(stages.map(({ rowsOut }) => rowsOut)).toContain(isPublic ? 8 : null);
    expect(stages[0]?.rowsIn).toBe(rows);
    const told = stages.map(({ note }) => note ?? "").join();
    expect(told.includes("10 people")).toBe(isPublic);
  });

  const sourceOf = (testRows: number) => ({ source: { ...scenario.data.source, testRows } });

  /** Each row's inputs in the order of the file: one client, nobody held out. */
  async function inputs(rows: readonly string[]): Promise<string[]> {
    const one = {
      clients: ["only"],
      mine: ["only"],
      heldOut: false,
      population: rows.length,
      ...sourceOf(0),
    };
    const examples = (await prepared(rows, one)).clients.get("only")?.examples;
    if (!examples) throw new Error("no examples");
    const { width, count, labels } = examples;
    return Array.from({ length: count }, (_, i) =>
      [...examples.inputs.slice(i * width, (i + 1) * width), labels[i]].join(" "),
    );
  }

  it("recodes and engineers each row", async () => {
    expect((await inputs(PEOPLE)).slice(0, 4)).toEqual([
      // age (-inf,18) [18,38) [38,inf); city south, north, other, missing; income / 2; label
      "1 0 0 1 0 0 0 1 1",
      "0 1 0 0 1 0 0 -1 0",
      `0 1 0 0 0 1 0 ${Math.fround((2 * 125.25) / 250 - 1)} 0`,
      "0 0 1 0 0 0 1 1 1",
    ]);
  });

  it("gives a row the same inputs whoever else is in the table", async () => {
    const all = await inputs(PEOPLE);
    for (const left of [0, 4, 9]) {
      const others = await inputs(PEOPLE.filter((_, i) => i !== left));
      expect(others).toEqual(all.filter((_, i) => i !== left));
    }
    expect(await inputs([...PEOPLE].reverse())).toEqual([...all].reverse());
  });

  it("works with clients that hold nobody", async () => {
    const names = Array.from({ length: 30 }, (_, i) => `client-${i}`);
    const { clients } = await prepared(PEOPLE, { clients: names, mine: names });
    const sizes = [...clients.values()].map(({ examples }) => examples.count);
    expect(sizes.filter((size) => size === 0)).toHaveLength(22);
    expect([...clients.values()].find(({ examples }) => examples.count === 0)).toEqual({
      examples: { count: 0, width: 8, inputs: new Float32Array(), labels: new Float32Array() },
      risk: { k: 0, classes: 0, recordsBelow: 0, distinctL: {} },
    });
  });

  it.each<[string, RegExp, string[], object]>([
    ["all rows held out", /^data.source.testRows/, PEOPLE, sourceOf(10)],
    ["nobody held out to evaluate on", /^data.source.testRows/, PEOPLE, sourceOf(0)],
    [
      "one label for all, where it may be told",
      /^data.oneLabel/,
      PEOPLE.map((row) => row.replace("yes", "no")),
      {},
    ],
    [
      "an empty label",
      /^data.missingLabel \(people.csv, line 3, bought\)/,
      ["ann@example.com,17,Rome,5,no", "bob@example.com,18,Oslo,5,"],
      {},
    ],
    [
      "a value out of bounds",
      /^data.aboveDeclaredMaximum \(people.csv, line 2, age\)/,
      ["ann@example.com,317,Rome,5,no"],
      {},
    ],
    [
      "a number with a comma",
      /^data.notANumber \(people.csv, line 2, income\)/,
      ['ann@example.com,17,Rome,"31,7",no'],
      {},
    ],
  ])("refuses %s", async (_, message, rows, overrides) => {
    await expect(prepared(rows, overrides)).rejects.toThrow(message);
    await expect(prepared(rows, overrides)).rejects.not.toThrow(/example\.com|317|31,7/);
  });

  it("names line and column of a value that a hierarchy without unseen lacks, not the value", async () => {
    const columns = `email: { role: directIdentifier }
age: { role: drop }
city: { role: quasiIdentifier, hierarchy: { Rome: [south], Oslo: [north] }, level: 1 }
income: { role: drop }
bought: { role: target }`;
    const closed = await contractFor(
      peopleScenario({ columns, features: 'city: { formula: "oneHot(city)" }' }),
    );
    writeFileSync(
      join(folder, "people.csv"),
      `email,age,city,income,bought\n${PEOPLE.join("\n")}\n`,
    );
    const run = () => prepare(closed, assignmentFor(scenario, { folder }));
    await expect(run()).rejects.toThrow("data.unseen (people.csv, line 4, city)");
    await expect(run()).rejects.not.toThrow("Bern");
  });

  it("moves nobody when one person leaves the population by `where`", async () => {
    const [formula, file] = ["ordinal(age) > 0", join(folder, "people.csv")];
    const where = { formula, postfix: await parseFormula(formula, "where") };
    const contract = { ...(await contractFor(scenario)), where };
    const clients = ["a", "b", "c"];
    const assignment = { folder, clients, mine: clients, population: null };
    const run = async (minor: number | undefined) => {
      const rows = Array.from({ length: 15 }, (_, i) => {
        const age = i === minor ? 12 : 20 + i;
        return `p${i}@example.com,${age},Rome,${10 * i},${i % 2 ? "yes" : "no"}`;
      });
      writeFileSync(file, ["email,age,city,income,bought", ...rows, ""].join("\n"));
      return prepare(contract, assignmentFor(scenario, assignment));
    };
    const before = await run(undefined);
    let unmoved = 0;
    for (let minor = 0; minor < 15; minor++) {
      const after = await run(minor);
      // A held-out person is public: whoever takes its place is no matter of the clients' ε.
      if (after.heldOut?.inputs.join() !== before.heldOut?.inputs.join()) continue;
      unmoved += 1;
      const changed = clients.flatMap((name) => {
        const [x, y] = [before.clients.get(name), after.clients.get(name)];
        const slots = y?.present ?? new Uint8Array(y?.examples.count ?? 0).fill(1);
        expect(y?.examples.count).toBe(x?.examples.count);
        return Array.from(slots, (present, i) => ({ present, i, x, y })).filter(
          ({ present }) => present === 0,
        );
      });
      expect(changed).toHaveLength(1);
      const [gone] = changed;
      const width = gone?.x?.examples.width ?? 0;
      const others = (inputs: Float32Array | undefined) =>
        [...(inputs ?? [])].filter((_, at) => Math.floor(at / width) !== gone?.i);
      expect(others(gone?.y?.examples.inputs)).toEqual(others(gone?.x?.examples.inputs));
    }
    expect(unmoved).toBe(13);
  });
});
