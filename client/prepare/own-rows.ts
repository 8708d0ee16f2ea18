/**
 * An owner's rows, prepared and checked before a coordinator is dialled to take part: whatever is refused
 * here is between the owner and this process.
 */
import type { Contract } from "../../shared/contract/contract.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { KeySource } from "../../shared/scenario/data-schema.ts";
import type { DataAssignment } from "../data/assignment.ts";
import type { KnownIdentifiers } from "../scan/identifier-gate.ts";
import type { CsvForm } from "../source/table-part.ts";
import { type Prepared, prepare } from "./prepare.ts";

/** Where they are; all rows of the file are this owner's. */
export interface OwnData {
  /** Absolute. */
  readonly folder: string;
  readonly path: string;
  readonly header: readonly string[] | undefined;
  /** How a CSV file is written, where it does not show it. */
  readonly form?: CsvForm;
  /** A cell that says so is empty. */
  readonly missing: string | undefined;
  /** Whence the master key of all pseudonyms comes. */
  readonly key: KeySource;
  /** Columns in which the owner knows of people, each with the owner's own statement. */
  readonly identifiersKnown: KnownIdentifiers;
}

/**
 * @param names of the owner's clients, among which the rows are split evenly
 * @param simulation the rows are made up or public; null: they are private
 * @throws ScenarioError where rows and contract do not fit, or a column holds people of which the owner
 *   has said nothing
 */
export function prepareOwnRows(
  contract: Contract,
  names: readonly string[],
  data: OwnData,
  simulation: { readonly seed: number } | null,
): Promise<Prepared> {
  checkStatements(contract, data.identifiersKnown);
  const { identifiersKnown } = data;
  return prepare(contract, assignmentOf(contract, names, data, simulation), { identifiersKnown });
}

/** A statement of a column that is not there was meant for another. */
function checkStatements({ columns }: Contract, known: KnownIdentifiers): void {
  const columnsOf = columns.map(({ from }) => from);
  const strange = [...known.keys()].find((column) => !columnsOf.includes(column));
  if (strange === undefined) return;
  throw new ScenarioError({
    what: "identifiersKnown",
    where: "--identifiers-known",
    got: strange,
    expected: "a column of the file that the plan keeps",
    fix: "Name the column as the file's header has it.",
  });
}

/** Nothing of them is held out, and nothing is counted. */
function assignmentOf(
  { columns }: Contract,
  names: readonly string[],
  { folder, path, header, form, missing, key }: OwnData,
  simulation: { readonly seed: number } | null,
): DataAssignment {
  const named = columns.flatMap((column) =>
    column.role === "directIdentifier" && column.action === "pseudonym" ? [column.name] : [],
  );
  return {
    source: {
      file: path,
      ...(header && { header: [...header] }),
      ...form,
      ...(missing !== undefined && { missing }),
      public: simulation !== null,
    },
    folder,
    partition: { kind: "iid" },
    keys: Object.fromEntries(named.map((name) => [name, key])),
    // Which virtual client has which row is no secret.
    seed: simulation?.seed ?? 0,
    population: null,
    clients: [...names],
    mine: [...names],
    heldOut: false,
  };
}
