/** Stage 2: a raw person → what may be engineered, by the contract alone and each person apart. */
import type { Contract, ContractColumn } from "../../shared/contract/contract.ts";
import type { FormulaPerson } from "../../shared/contract/formula.ts";
import type { RawPerson } from "../raw-person.ts";
import { dropColumns } from "./drop.ts";
import { anonymizeLog } from "./event-log.ts";
import { type Recoder, readable, recoder } from "./recode.ts";

/** Columns of the anonymized table, in the contract's order. */
export function keptColumns({ columns }: Contract): ContractColumn[] {
  return columns.filter(({ role }) => role === "quasiIdentifier" || role === "eventLog");
}

/** @returns a pure function: drop → recode, and event logs cut off and capped */
export function anonymizer(contract: Contract): (person: RawPerson) => FormulaPerson {
  const { columns } = contract;
  const recoders = new Map<string, Recoder>();
  for (const column of columns) {
    if (column.role === "quasiIdentifier") recoders.set(column.name, recoder(column));
  }
  const eventLogs = columns.flatMap((column) => (column.role === "eventLog" ? [column] : []));
  return (person) => {
    const values = new Map<string, number>();
    for (const [name, cell] of dropColumns(person, columns)) {
      values.set(name, recoders.get(name)?.(cell, `${person.place}, ${name}`) ?? NaN);
    }
    const logs = eventLogs.map((column) => {
      const log = person.logs.get(column.name) ?? { times: new Float64Array(), fields: new Map() };
      return [column.name, anonymizeLog(log, column)] as const;
    });
    return { values, logs: new Map(logs) };
  };
}

/** An anonymized person as people read it: labels, and events as [days before, amount]. */
export function readablePerson(
  person: FormulaPerson,
  contract: Contract,
): Record<string, string | number | number[][]> {
  const entries = keptColumns(contract).map((column) => {
    if (column.role === "quasiIdentifier") {
      const value = person.values.get(column.name) ?? NaN;
      return [column.name, readable(column.recoding, value)] as const;
    }
    const [days = new Float64Array(), ...fields] = person.logs.get(column.name)?.values() ?? [];
    const events = Array.from(days, (day, i) => [day, ...fields.map((field) => field[i] ?? NaN)]);
    return [column.name, events] as const;
  });
  return Object.fromEntries(entries);
}
