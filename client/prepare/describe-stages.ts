/** Rows × columns after each of the client's stages: the clients' rows, where they may be counted at all. */
import { type Contract, modelInputs } from "../../shared/contract/contract.ts";
import { type Feature, isFormulaFeature } from "../../shared/contract/feature.ts";
import { shapeText } from "../../shared/contract/recoding.ts";
import type { StageTrace } from "../../shared/events/trace.ts";
import { isPublicSource } from "../../shared/scenario/schema.ts";
import { keptColumns } from "../anonymize/anonymizer.ts";
import type { DataAssignment } from "../data/assignment.ts";
import type { Collected } from "../data/collect.ts";
import { allRows, countedRows, type PeopleTable } from "../data/people-table.ts";
import type { RawPerson } from "../persons/raw-person.ts";
import { requireK } from "../risk/require-k.ts";
import { exampleRows } from "./example-rows.ts";

export interface Staged {
  readonly sources: readonly Collected[];
  /** The people of the first source that came first. */
  readonly first: readonly RawPerson[];
  readonly people: PeopleTable;
  /** Rows of all clients together, and of each. */
  readonly own: Int32Array;
  readonly shares: ReadonlyMap<string, Int32Array>;
  readonly contract: Contract;
  readonly assignment: DataAssignment;
}

export function describeStages(staged: Staged): StageTrace[] {
  const { sources, people, own, contract, assignment } = staged;
  const shown = isPublicSource(assignment.source) && sources.length > 0;
  const count = (rows: () => number) => (shown ? rows() : null);
  const kept = keptColumns(contract).map(({ name }) => name);
  const features = contract.features.map(featureText);
  // Clients that join from elsewhere bring what the contract asks for.
  const { recordColumns, columns } = sources[0] ?? {
    recordColumns: contract.columns.map(({ from }) => from),
    columns: contract.columns.map(({ name }) => name),
  };
  const clientRows = count(() => countedRows(people, own).length);
  const left = count(() => rowsLeft(staged));
  const examples = shown ? exampleRows(staged.first, columns, people, contract) : undefined;
  const records = count(() => sources.reduce((sum, source) => sum + source.records(), 0));
  return [
    {
      ...stage("collect", recordColumns, columns, records, clientRows),
      note: shown ? sourceNote(staged) : undefined,
      examples: examples?.collect,
    },
    {
      ...stage("anonymize", columns, kept, clientRows, left),
      note: lossNote(clientRows, left),
      examples: examples?.anonymize,
    },
    {
      ...stage("engineer", kept, features, left, left),
      note: `${modelInputs(contract)} model inputs`,
      examples: examples?.engineer,
    },
  ];
}

/** Of an image one word, not a name for each of its pixels. */
function featureText(feature: Feature): string {
  if (isFormulaFeature(feature)) return feature.name;
  return `${feature.name} ${shapeText("outputShape" in feature ? feature.outputShape : feature.shape)}`;
}

function stage(
  name: StageTrace["name"],
  namesIn: readonly string[],
  namesOut: readonly string[],
  rowsIn: number | null,
  rowsOut: number | null,
): StageTrace {
  return { name, rowsIn, namesIn, rowsOut, namesOut };
}

/** What suppression leaves, at all clients. */
function rowsLeft({ people, own, shares, contract }: Staged): number {
  if (contract.anonymity.mode === "report") return countedRows(people, own).length;
  return [...shares.values()].reduce((sum, rows) => {
    return sum + requireK(people, rows, contract).kept.reduce((kept, one) => kept + one, 0);
  }, 0);
}

function lossNote(before: number | null, after: number | null): string | undefined {
  if (before === null || after === null || before === after) return undefined;
  return `${before - after} rows are alike too few others at their client, and suppressed`;
}

function sourceNote({ people, own, assignment }: Staged): string {
  const { generator, testFile, testRows = 0 } = assignment.source;
  if (generator !== undefined) return `${testRows} more people are held out`;
  const inPopulation = countedRows(people, allRows(people)).length;
  const drawn = inPopulation - countedRows(people, own).length;
  const apart =
    testFile === undefined ? `${drawn} of them held out` : `others in ${testFile} held out`;
  return `${people.table.rows} people in the file, ${inPopulation} in the population, ${apart}`;
}
