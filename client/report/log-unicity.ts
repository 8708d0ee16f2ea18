/** How many of a client's people a few of their recoded events single out, log by log. */
import { seededRoot, stream } from "../../shared/noise/random.ts";
import type { KeptLog } from "../anonymize/table.ts";
import type { PeopleTable } from "../data/people-table.ts";
import { type EventLogs, type Unicity, unicity } from "../risk/models/unicity.ts";

/** Events somebody is taken to know of a person (de Montjoye et al. 2013 take 2 to 5). */
const KNOWN_EVENTS = [2, 3] as const;

/** Log → events known → whom they single out. */
export type LogUnicity = Readonly<Record<string, Readonly<Record<string, Unicity>>>>;

/** @param seed of the draw of known events, so that a report can be made again */
export function logUnicity({ table }: PeopleTable, rows: Int32Array, seed: number): LogUnicity {
  return Object.fromEntries(
    [...table.logs].map(([name, log]) => {
      const events = codedEvents(log, rows);
      const shares = KNOWN_EVENTS.map((known) => {
        const random = stream(seededRoot(seed), "unicity", name, known);
        return [known, unicity(events, known, random)] as const;
      });
      return [name, Object.fromEntries(shares)];
    }),
  );
}

/** Equal codes ⇔ equal in every field; numbered by their text, so that the order of rows is nothing. */
function codedEvents({ starts, fields }: KeptLog, rows: Int32Array): EventLogs {
  const values = [...fields.values()];
  const texts: string[] = [];
  const offsets = new Int32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) {
    for (let event = starts[row] ?? 0; event < (starts[row + 1] ?? 0); event++)
      texts.push(values.map((field) => field[event]).join(" "));
    offsets[i + 1] = texts.length;
  }
  const codeOf = new Map([...new Set(texts)].sort().map((text, code) => [text, code]));
  return { offsets, codes: Int32Array.from(texts, (text) => codeOf.get(text) ?? 0) };
}
