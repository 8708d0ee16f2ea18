/** scenarios/purchases.yaml through the client's stages. */
import { expect, it } from "vitest";
import { z } from "zod";
import { anonymizer } from "../../../client/anonymize/anonymizer.ts";
import { collectGenerated } from "../../../client/data/collect-generated.ts";
import { labeller } from "../../../client/data/label.ts";
import { personFromRow } from "../../../client/data/person-row.ts";
import { generatePurchases } from "../../../client/data/purchases.ts";
import { engineer } from "../../../client/features/engineer.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import { assignmentFor, contractFor, shippedScenario, vectors } from "../../support/contracts.ts";
import { anonymizedRow, everybody, expectWorked, workedRow } from "../../support/worked-rows.ts";

const scenario = shippedScenario("purchases");
const contract = await contractFor(scenario);
const expected = z
  .object({
    collect: z.object({ rows: z.number(), columns: z.number() }),
    anonymize: z.object({ kept: z.array(z.string()) }),
    engineer: z.object({ features: z.number(), modelInputs: z.number() }),
    rows: z.array(z.object({ raw: anonymizedRow, anonymized: anonymizedRow, ...workedRow })),
  })
  .parse(vectors("purchases"));

it.each(expected.rows.map((row) => [String(row.raw.name), row] as const))(
  "takes %s to the worked row, stage by stage",
  async (_, row) => {
    await expectWorked(personFromRow(row.raw, contract, "row"), contract, row);
  },
);

it("has the stages of the worked trace", async () => {
  const { stages, heldOut, clients } = await prepare(contract, assignmentFor(scenario));
  const [collected, anonymized, engineered] = stages;
  const { rows, columns } = expected.collect;
  expect(collected).toMatchObject({ rowsIn: rows, rowsOut: rows });
  expect(collected?.namesIn).toHaveLength(columns);
  expect(anonymized).toMatchObject({ rowsOut: rows, namesOut: expected.anonymize.kept });
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
  const heldOut = await everybody(collectGenerated(contract, 7, 200, "heldOut"));
  const anonymized = heldOut.map(anonymizer(contract.columns));
  const labels = Uint8Array.from(heldOut, labeller(contract));
  const empty = { values: new Map(), logs: new Map() };
  const examples = await engineer((slot) => anonymized[slot] ?? empty, labels, contract);
  expect((await prepare(contract, assignmentFor(scenario))).heldOut).toEqual(examples);
  const emails = [...generatePurchases(7, 200, "heldOut")].map(({ email }) => email);
  const email = contract.columns.findIndex(({ name }) => name === "email");
  expect(heldOut.map(({ cells }) => cells[email])).toEqual(emails);
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
