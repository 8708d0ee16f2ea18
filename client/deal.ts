/** Who holds whom: the held-out people first, then each client's, by seeded orders that all hosts share. */
import type { Contract } from "../shared/contract/contract.ts";
import { recodedColumns } from "../shared/contract/contract.ts";
import { ScenarioError } from "../shared/errors.ts";
import { seededRoot, stream } from "../shared/random.ts";
import type { DataAssignment } from "./assignment.ts";
import { type Partition, partition } from "./partition.ts";
import { allRows, countedRows, type PeopleTable } from "./people-table.ts";

/**
 * Held-out people of a source that has none of their own, a person at a time: the first that count in
 * a seeded order of all. Of the others each keeps its place in that order whether or not it counts,
 * so that one more or less outside the population moves nobody else.
 *
 * @returns rows of each part, ascending
 */
export function splitHeldOut(
  people: PeopleTable,
  { source, seed, heldOut: evaluates }: DataAssignment,
): { readonly own: Int32Array; readonly heldOut: Int32Array } {
  const all = allRows(people);
  const { generator, testFile, testRows = 0 } = source;
  // Whoever joined from elsewhere has rows of its own, and holds none out.
  const heldOutElsewhere = testFile !== undefined || (testRows === 0 && !evaluates);
  if (generator !== undefined || heldOutElsewhere) return { own: all, heldOut: new Int32Array() };
  const { length } = countedRows(people, all);
  if (!(testRows >= Number(evaluates) && testRows < length))
    throw new ScenarioError({
      what: "data.source.testRows",
      where: "the data source",
      got: testRows,
      expected: "at least one person held out, and one left",
      fix: "Set it, check data.source.where, or take more data.",
    });
  const order = stream(seededRoot(seed), "split").permutation(all.length);
  const counted = order.filter((row) => people.counted[row] !== 0);
  const chosen = new Set(counted.slice(0, testRows));
  return {
    own: all.filter((row) => !chosen.has(row)),
    heldOut: all.filter((row) => chosen.has(row)),
  };
}

/** Each client's rows, by the seeded partition that every host computes alike. */
export function dealRows(
  people: PeopleTable,
  rows: Int32Array,
  contract: Contract,
  { partition: spec, clients, seed }: DataAssignment,
): ReadonlyMap<string, Int32Array> {
  const random = stream(seededRoot(seed), "partition");
  const resolved = resolve(people, rows, contract, spec);
  const owner = partition(resolved, rows.length, clients.length, random);
  const shares: number[][] = clients.map(() => []);
  for (const [i, row] of rows.entries()) shares[owner[i] ?? 0]?.push(row);
  return new Map(clients.map((name, client) => [name, Int32Array.from(shares[client] ?? [])]));
}

function resolve(
  { table, labels: all, sourceOf }: PeopleTable,
  rows: Int32Array,
  contract: Contract,
  spec: DataAssignment["partition"],
): Partition {
  const labels = () => Array.from(rows, (row) => all[row] ?? 0);
  switch (spec.kind) {
    case "iid":
      return { kind: "iid" };
    case "dirichlet":
      return { kind: "dirichlet", alpha: spec.alpha ?? 1, labels: labels() };
    case "shards":
      return { kind: "shards", labels: labels(), shardsEach: spec.shards ?? 1 };
    case "sizes":
      return spec.sizes === "zipf"
        ? { kind: "sizes", law: { kind: "zipf", exponent: spec.exponent ?? 1 } }
        : { kind: "sizes", law: { kind: "logNormal", sigma: spec.sigma ?? 1 } };
    case "files":
      return { kind: "files", owners: Array.from(rows, (row) => sourceOf[row] ?? 0) };
    case "byColumn": {
      const column = recodedColumns(contract.columns).find(({ name }) => name === spec.column);
      if (!column || !("labels" in column.recoding))
        throw new TypeError(`unchecked partition: ${spec.column} has no categories`);
      const values = table.columns.get(column.name)?.values ?? new Int32Array();
      return {
        kind: "byColumn",
        values: Array.from(rows, (row) => values[row] ?? 0),
        domain: column.recoding.labels.length,
      };
    }
  }
}
