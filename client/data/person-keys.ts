/**
 * The keys of a source's pseudonyms: one master key, which stays at the client, and from it a
 * pseudonymizer for each column that asks for one. Rows are joined by pseudonyms, so that from the
 * first stage on nobody is known by name.
 */
import { hkdfSync } from "node:crypto";
import { canonicalJson, sha256 } from "../../shared/canonical.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { deriveKey, seedBytes } from "../../shared/noise/random.ts";
import type { TableData } from "../../shared/scenario/data-schema.ts";
import { isPublicSource } from "../../shared/scenario/schema.ts";
import { readMasterKey } from "../anonymize/master-key.ts";
import {
  checkMasterKey,
  identifierSpelling,
  type Pseudonymizer,
  pseudonymizer,
} from "../anonymize/pseudonym.ts";
import { textOf, valueCell } from "../persons/cells.ts";
import { type PersonPlace, personPlacer } from "../persons/person-place.ts";
import { type PersonRow, personRowNumbers } from "../persons/person-rows.ts";
import type { Cell } from "../source/table-source.ts";
import type { DataAssignment } from "./assignment.ts";
import { namedBy, type PersonKey } from "./join-events.ts";

/** What of an assignment says whence keys come. */
export type KeyAssignment = Pick<DataAssignment, "source" | "seed" | "keys" | "folder">;

export interface PersonKeys {
  /** By what rows of one person are joined; undefined: by the identifier itself, which goes then. */
  readonly join: Pseudonymizer | undefined;
  /** By the name of the column: a cell of a person, joined, to its pseudonym. */
  readonly pseudonyms: ReadonlyMap<string, Pseudonymizer>;
  /** Whence each column's key comes, for its owner's report. */
  readonly sources: ReadonlyMap<string, string>;
  /** How the rows name their persons, and where these stand; undefined: no column of theirs does. */
  readonly person: NamedPersons | undefined;
}

/** How rows of a table name their persons. */
export interface NamedPersons {
  /** A cell's one spelling: rows of equal ones are one person's. It throws for a cell that names nobody. */
  readonly spell: PersonKey;
  readonly place: (key: string) => PersonPlace;
  /** Of one source, whose rows it then takes in turn. */
  readonly rowNumbers: () => (key: string, cells: readonly Cell[]) => PersonRow;
}

/** What a scenario's columns say of keys, by name: where they are, never what they are. */
export function keySources(columns: TableData["columns"]): DataAssignment["keys"] {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, { key }]) => (key ? [[name, key]] : [])),
  );
}

/** 64 hex digits: of all that decides how a row is anonymized and engineered. */
export function contractHash(contract: unknown): string {
  return sha256(canonicalJson(contract));
}

/**
 * @param client whose key it is, where several share one source of keys: each has one of its own
 * @throws ScenarioError `missingKey` on private data without one, `weakKey` for a weak one
 */
export async function personKeys(
  contract: Pick<Contract, "columns" | "table">,
  assignment: KeyAssignment,
  client?: string,
): Promise<PersonKeys> {
  const salt = Buffer.from(contractHash(contract), "hex");
  const columns = contract.columns.flatMap((column) =>
    column.role === "directIdentifier" && column.action === "pseudonym" ? [column] : [],
  );
  const pseudonyms = new Map<string, Pseudonymizer>();
  const sources = new Map<string, string>();
  let join: Pseudonymizer | undefined;
  for (const column of columns) {
    const { key, source } = masterKey(column.name, assignment);
    const own = client === undefined ? key : clientKey(key, client);
    const pseudonym = await pseudonymizer(column, own, salt);
    const joins = contract.table.kind === "events" && column.from === contract.table.person;
    if (joins) join = pseudonym;
    // Of a joined person the cell is the pseudonym already.
    pseudonyms.set(
      column.name,
      joins ? (cell, where) => textOf(valueCell(cell, where)) : pseudonym,
    );
    sources.set(column.name, source);
  }
  return { join, pseudonyms, sources, person: await namedPersons(contract, assignment.seed) };
}

/** By the seed and each person's identifier alone: neither a master key nor the contract moves anybody. */
async function namedPersons(
  { columns, table }: Pick<Contract, "columns" | "table">,
  seed: number,
): Promise<NamedPersons | undefined> {
  const column = columns.find(({ from }) => from === table.person);
  if (!column) return undefined;
  const isJoinedByPseudonym = column.role === "directIdentifier" && column.action === "pseudonym";
  const spell = isJoinedByPseudonym ? await identifierSpelling(column) : namedBy;
  return { spell, place: personPlacer(seed), rowNumbers: () => personRowNumbers(seed) };
}

/** By HKDF-SHA-256 (RFC 5869), which would make a weak key look like a strong one. */
function clientKey(key: Uint8Array, client: string): Uint8Array {
  checkMasterKey(key);
  return new Uint8Array(hkdfSync("sha256", key, "", `murmur/anon/v1/client|${client}`, KEY_BYTES));
}

const KEY_BYTES = 32;

function masterKey(
  column: string,
  { source, seed, keys, folder }: KeyAssignment,
): { readonly key: Uint8Array; readonly source: string } {
  // A column may be called constructor, which every object has one of.
  const given = Object.hasOwn(keys, column) ? keys[column] : undefined;
  if (given) {
    const told = "env" in given ? `the environment, ${given.env}` : "a file of its owner's";
    return { key: readMasterKey(given, folder), source: told };
  }
  // Whoever has the scenario has this key, and the data as well.
  if (isPublicSource(source)) return { key: simulatedKey(seed), source: "simulated key" };
  throw new ScenarioError({
    what: "missingKey",
    where: `data.columns.${column}.key`,
    got: "none",
    expected: "whence the master key comes, for the data are private",
    fix: "Set key: { env: NAME } or { file: PATH }, or drop the column.",
  });
}

function simulatedKey(seed: number): Uint8Array {
  return deriveKey(seedBytes(seed), "pseudonyms");
}
