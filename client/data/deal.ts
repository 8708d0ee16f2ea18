/**
 * Who holds whom: the held-out people first, then each client's, the same on all hosts. Where a column
 * names the persons, by hashes of the seed and their keys (person-place.ts); else by seeded orders of
 * their lines.
 */
import type { Contract } from "../../shared/contract/contract.ts";
import { recodedColumns } from "../../shared/contract/contract.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { seededRoot, stream } from "../../shared/noise/random.ts";
import { isPublicSource } from "../../shared/scenario/schema.ts";
import { PLACES } from "../persons/person-place.ts";
import { inPlaceOrder, type PersonPlaces } from "../persons/person-places.ts";
import type { DataAssignment } from "./assignment.ts";
import { type Partition, partition } from "./partition.ts";
import { allRows, countedRows, type PeopleTable } from "./people-table.ts";

export interface Split {
  readonly own: Int32Array;
  readonly heldOut: Int32Array;
}

/**
 * Held-out people of a source that has none of their own, a person at a time. By their lines: the
 * first that count in a seeded order of all. Of the others each keeps its place in that order whether
 * or not it counts, so that one more or less outside the population moves nobody else. By their keys:
 * whose hash is in that share of all, about testRows of them.
 *
 * @returns rows of each part, ascending; by keys, held-out ones in the order of their hashes
 * @throws ScenarioError where nobody would be held out; of public rows, where nobody would be left too
 */
export function splitHeldOut(people: PeopleTable, assignment: DataAssignment): Split {
  const { source, seed, heldOut: evaluates } = assignment;
  const all = allRows(people);
  const { generator, testFile, testRows = 0 } = source;
  // Whoever joined from elsewhere has rows of its own, and holds none out.
  const heldOutElsewhere = testFile !== undefined || (testRows === 0 && !evaluates);
  if (generator !== undefined || heldOutElsewhere) return { own: all, heldOut: new Int32Array() };
  if (testRows < Number(evaluates)) throw oddSplit(testRows);
  // Of private rows nobody is told how few they are: only whether there are held-out ones, which are public.
  if (isPublicSource(source) && !(testRows < countedRows(people, all).length))
    throw oddSplit(testRows);
  if (people.places) return splitByKey(people, people.places, testRows, assignment);
  const order = stream(seededRoot(seed), "split").permutation(all.length);
  const counted = order.filter((row) => people.counted[row] !== 0);
  const chosen = new Set(counted.slice(0, testRows));
  if (chosen.size < Number(evaluates)) throw oddSplit(testRows);
  return {
    own: all.filter((row) => !chosen.has(row)),
    heldOut: all.filter((row) => chosen.has(row)),
  };
}

/**
 * The threshold is of declared numbers alone: of how many are in the file, one person more would move
 * others in or out. Who does not count keeps its part of the two, and is no example.
 */
function splitByKey(
  people: PeopleTable,
  places: PersonPlaces,
  testRows: number,
  { source, declaredPeople, heldOut: evaluates }: DataAssignment,
): Split {
  const all = allRows(people);
  const declared = declaredPeople ?? all.length;
  const isHeldOut = (row: number) => (places.split[row] ?? 0) * declared < testRows * PLACES;
  const own = all.filter((row) => !isHeldOut(row));
  const drawn = countedRows(people, all.filter(isHeldOut));
  const noneLeft = isPublicSource(source) && countedRows(people, own).length === 0;
  if (drawn.length < Number(evaluates) || noneLeft)
    throw oddSplit(testRows, "about so many persons, by hashes of their identifiers; ");
  return { own, heldOut: inPlaceOrder(drawn, places, people.sourceOf, people.persons) };
}

function oddSplit(testRows: number, drawn = ""): ScenarioError {
  return new ScenarioError({
    what: "data.source.testRows",
    where: "the data source",
    got: testRows,
    expected: `${drawn}at least one person held out, and one left`,
    fix: "Set it, check data.source.where, or take more data.",
  });
}

/**
 * Each client's rows, by the seeded partition that every host computes alike; by keys, in the order of
 * their persons' hashes, so that nobody's slot hangs on where another's rows stand in the file.
 */
export function dealRows(
  people: PeopleTable,
  rows: Int32Array,
  contract: Contract,
  { partition: spec, clients, seed }: DataAssignment,
): ReadonlyMap<string, Int32Array> {
  const { places, sourceOf, persons } = people;
  const random = stream(seededRoot(seed), "partition");
  const ordered = places ? inPlaceOrder(rows, places, sourceOf, persons) : rows;
  const ownerOf = () =>
    partition(
      resolve(people, ordered, contract, spec),
      ordered.length,
      clients.length,
      random,
      // Hashes have shuffled them already, by nobody's line.
      places ? [...ordered.keys()] : undefined,
    );
  const owner =
    places && spec.kind === "iid"
      ? Array.from(ordered, (row) => (places.deal[row] ?? 0) % clients.length)
      : ownerOf();
  const shares: number[][] = clients.map(() => []);
  for (const [i, row] of ordered.entries()) shares[owner[i] ?? 0]?.push(row);
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
