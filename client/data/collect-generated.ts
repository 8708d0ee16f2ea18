/** Stage 1 of generated people: what collect.ts makes of a file's rows. */
import { setImmediate } from "node:timers/promises";
import type { ContractColumn, EventLogColumn } from "../../shared/contract/contract.ts";
import { firstKeptMs } from "../anonymize/event-log.ts";
import type { Recoder } from "../anonymize/recode.ts";
import type { RawPerson } from "../persons/raw-person.ts";
import type { Collected } from "./collect.ts";
import { checkColumns, refuseColumn, type SourceContract } from "./declared-columns.ts";
import { type Customer, generatePurchases, PURCHASES_COLUMNS } from "./purchases.ts";

/** Few: what a batch holds outlives the collector's first pass, which copies all of it. */
const GENERATED_BATCH = 100;

export interface GeneratedOptions {
  /** By the name of the column: a cell to the pseudonym that is kept of it. */
  readonly pseudonyms?: ReadonlyMap<string, Recoder>;
  /** People, the first ones, of whom all is drawn; of the others no amount that no log can keep, which is NaN. */
  readonly whole?: number;
}

/** Generated people, the clients' or the held-out. */
export function collectGenerated(
  contract: SourceContract,
  seed: number,
  count: number,
  purpose: "person" | "heldOut",
  { pseudonyms = new Map(), whole = 0 }: GeneratedOptions = {},
): Collected {
  const { columns } = contract;
  checkColumns(PURCHASES_COLUMNS, contract, "the generator purchases");
  const history = columns.find(({ from }) => from === "purchaseHistory");
  if (history?.role !== "eventLog" || history.time !== "date")
    return refuseColumn("purchaseHistory", "another role", "role: eventLog, time: date");
  const logs = columns.flatMap((column) => (column.role === "eventLog" ? [column] : []));
  async function* people() {
    let batch: RawPerson[] = [];
    let line = 0;
    const customers = generatePurchases(seed, count, purpose, (times, customer) =>
      customer < whole ? [0, times.length] : keptOf(times, logs),
    );
    for (const customer of customers) {
      batch.push(rawCustomer(customer, columns, logs, `generated ${purpose}`, ++line));
      if (batch.length < GENERATED_BATCH) continue;
      yield batch;
      batch = [];
      // Nothing is waited for here, and heartbeats must go on.
      await setImmediate();
    }
    if (batch.length > 0) yield batch;
  }
  return {
    people: people(),
    typed: false,
    pseudonyms,
    recordColumns: PURCHASES_COLUMNS,
    columns: columns.map(({ name }) => name),
    records: () => count,
  };
}

/** Places of the events whose fields a log can keep. @param times ascending */
function keptOf(times: Float64Array, logs: readonly EventLogColumn[]): [from: number, to: number] {
  let [from, to] = [times.length, 0];
  for (const log of logs) {
    const firstMs = firstKeptMs(times, log);
    while (from > 0 && (times[from - 1] ?? Number.NaN) >= firstMs) from--;
    while (to < times.length && (times[to] ?? Number.NaN) < log.cutOffMs) to++;
  }
  return [Math.min(from, to), to];
}

function rawCustomer(
  customer: Customer,
  columns: readonly ContractColumn[],
  logs: readonly EventLogColumn[],
  source: string,
  line: number,
): RawPerson {
  const { times, amounts } = customer;
  const log = { times, fields: new Map([["amount", amounts]]) };
  return {
    source,
    line,
    cells: columns.map(({ from }) => customerCell(customer, from)),
    logs: new Map(logs.map(({ name }) => [name, log])),
  };
}

function customerCell({ name, email, age, location }: Customer, column: string): string | null {
  switch (column) {
    case "name":
      return name;
    case "email":
      return email;
    case "age":
      return String(age);
    case "location":
      return location;
    default:
      return null;
  }
}
