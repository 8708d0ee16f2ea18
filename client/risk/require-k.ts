/**
 * The requirement that a client's rows be alike at least k by k, where the contract makes one of it.
 * It looks at all of them, so neighbouring tables no longer give neighbouring ones: what that costs
 * is in shared/privacy/group-privacy.ts.
 */
import type { RecodedColumn } from "../../shared/contract/contract.ts";
import { keptInterval } from "../../shared/contract/formulas.ts";
import type { Recoding } from "../../shared/contract/recoding.ts";
import type { AnonymizedPerson } from "../anonymize/anonymizer.ts";
import { personReader } from "../anonymize/table.ts";
import type { PeopleTable } from "../data/people-table.ts";
import { classesOf } from "./models/equivalence-classes.ts";
import { mondrian } from "./mondrian.ts";
import { quasiIdentifiers, type RiskContract, recodedTable } from "./risk-table.ts";
import { suppressBelow } from "./suppress.ts";

/** What is left of a client's rows, each in its slot. */
export interface RequiredRows {
  /** uint8[rows]: 0 for a row that is suppressed, or was never in the population. */
  readonly kept: Uint8Array;
  /** The person in that slot, as features may see them, until the next is asked for. */
  readonly person: (slot: number) => AnonymizedPerson;
  /** Under mondrian, what the rows were recoded to. */
  readonly parts: Parts | null;
}

interface Parts {
  /** int32[rows]: the slot's part; -1 for a row that is suppressed. */
  readonly partOf: Int32Array;
  /** Of each part, its range in each quasi-identifier. */
  readonly ranges: readonly ReadonlyMap<string, readonly [low: number, high: number]>[];
}

/**
 * Fewer rows than k are all suppressed: that k cannot be met would tell how few they are.
 *
 * @param rows a client's, by slot
 */
export function requireK(
  people: PeopleTable,
  rows: Int32Array,
  contract: RiskContract,
): RequiredRows {
  const counted = Uint8Array.from(rows, (row) => people.counted[row] ?? 0);
  const read = personReader(people.table);
  const plain = (slot: number) => read(rows[slot] ?? 0);
  const { mode, k } = contract.anonymity;
  if (mode === "report") return { kept: counted, person: plain, parts: null };
  const slots = Int32Array.from(rows.keys()).filter((slot) => counted[slot] !== 0);
  const table = recodedTable(
    people,
    slots.map((slot) => rows[slot] ?? 0),
    contract,
  );
  if (mode === "suppress" || slots.length < k) {
    const kept = new Uint8Array(rows.length);
    const { persons } = people;
    const personOf = persons && slots.map((slot) => persons.personOf[rows[slot] ?? 0] ?? 0);
    const alike = suppressBelow(classesOf(table.quasiIdentifiers, slots.length), k, personOf);
    for (const [i, slot] of slots.entries()) kept[slot] = alike[i] ?? 0;
    return { kept, person: plain, parts: null };
  }
  const columns = quasiIdentifiers(contract);
  const { partitionOf, partitions } = mondrian(table.quasiIdentifiers, k, slots.length);
  const partOf = new Int32Array(rows.length).fill(-1);
  for (const [i, slot] of slots.entries()) partOf[slot] = partitionOf[i] ?? -1;
  const ranges = partitions.map((part) => {
    return new Map(columns.map(({ name }, i) => [name, part.ranges[i] ?? ([0, 0] as const)]));
  });
  return {
    kept: counted,
    person: blurred(plain, columns, partOf, ranges),
    parts: { partOf, ranges },
  };
}

/** Of each person, the middles of their part's ranges. */
function blurred(
  plain: (slot: number) => AnonymizedPerson,
  columns: readonly RecodedColumn[],
  partOf: Int32Array,
  ranges: Parts["ranges"],
): (slot: number) => AnonymizedPerson {
  const middles = ranges.map((part) =>
    columns.map(
      ({ name, recoding }) => [name, middle(recoding, part.get(name) ?? [0, 0])] as const,
    ),
  );
  return (slot) => {
    const own = plain(slot);
    return { ...own, values: new Map([...own.values, ...(middles[partOf[slot] ?? -1] ?? [])]) };
  };
}

/** What stands for a range: its middle; of categories that have no middle, their one value or other. */
function middle(recoding: Recoding, [low, high]: readonly [number, number]): number {
  if (low === high) return low;
  if (recoding.kind === "categories") return recoding.labels.length - 2;
  const between = (low + high) / 2;
  // A formula counts on it that whole numbers stay whole.
  const fractions = recoding.kind === "number" && !keptInterval(recoding).integer;
  return fractions ? between : Math.floor(between);
}
