/**
 * Unicity of event logs (de Montjoye et al. 2013): the share of people whom a few of their events,
 * known to somebody, single out among all of this client's. A history is a fingerprint whatever k
 * the other columns have.
 */
import type { Random } from "../../../shared/noise/random.ts";

/** Everybody's recoded events, one person after the other. */
export interface EventLogs {
  /** [people + 1]: person i has events offsets[i] … offsets[i + 1] - 1. */
  readonly offsets: Int32Array;
  /** [events]: equal codes ⇔ equal recoded events. */
  readonly codes: Int32Array;
}

export interface Unicity {
  readonly people: number;
  /** Of them, those whom nobody else matches. */
  readonly unique: number;
  /** unique / people; 0 without people. */
  readonly share: number;
}

/**
 * Of each person `known` events are drawn without replacement, all where there are no more; whoever
 * has each of them at least as often matches. Nobody is unique by no event, but where alone.
 *
 * One draw a person, so an estimate; but people take their turns by what their logs hold, and events
 * by their codes: in another order of rows, under the same codes, the same are drawn.
 *
 * @param known p, ≥ 1
 */
export function unicity(logs: EventLogs, known: number, random: Random): Unicity {
  const people = sortedLogs(logs);
  const holders = holdersOf(people);
  let unique = 0;
  for (const [person, events] of people.entries()) {
    const drawn = countsOf(drawEvents(events, known, random));
    if (!isMatched(person, drawn, holders, people.length)) unique += 1;
  }
  return {
    people: people.length,
    unique,
    share: people.length === 0 ? 0 : unique / people.length,
  };
}

/** Each person's events, ascending; people by their first events that differ. */
function sortedLogs({ offsets, codes }: EventLogs): Int32Array[] {
  const people: Int32Array[] = [];
  for (let person = 0; person + 1 < offsets.length; person++)
    people.push(codes.slice(offsets[person], offsets[person + 1]).sort());
  return people.sort(compareLogs);
}

function compareLogs(a: Int32Array, b: Int32Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Event code → who has it, and how often. */
type Holders = ReadonlyMap<number, ReadonlyMap<number, number>>;

function holdersOf(people: readonly Int32Array[]): Holders {
  const holders = new Map<number, Map<number, number>>();
  for (const [person, events] of people.entries()) {
    for (const code of events) {
      const times = holders.get(code) ?? new Map<number, number>();
      times.set(person, (times.get(person) ?? 0) + 1);
      holders.set(code, times);
    }
  }
  return holders;
}

/** By the first steps of a shuffle. */
function drawEvents(of: Int32Array, known: number, random: Random): Int32Array {
  const events = of.slice();
  const count = Math.min(known, events.length);
  for (let i = 0; i < count; i++) {
    const j = i + random.below(events.length - i);
    [events[i], events[j]] = [events[j] ?? 0, events[i] ?? 0];
  }
  return events.subarray(0, count);
}

function countsOf(events: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const code of events) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}

/** Whether anybody else has all that was drawn; asked of the holders of the rarest event drawn. */
function isMatched(
  person: number,
  drawn: ReadonlyMap<number, number>,
  holders: Holders,
  people: number,
): boolean {
  if (drawn.size === 0) return people > 1;
  const wanted = [...drawn].map(([code, times]) => ({ times, by: holders.get(code) }));
  wanted.sort((a, b) => (a.by?.size ?? 0) - (b.by?.size ?? 0));
  for (const other of wanted[0]?.by?.keys() ?? []) {
    if (other === person) continue;
    if (wanted.every(({ times, by }) => (by?.get(other) ?? 0) >= times)) return true;
  }
  return false;
}
