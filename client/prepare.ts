/** The client's stages before training, once a run: collect → anonymize → engineer. */
import { type Contract, modelInputs } from "../shared/contract/contract.ts";
import { runFormula } from "../shared/contract/formula.ts";
import type { Examples } from "../shared/engine/engine.ts";
import { ScenarioError } from "../shared/errors.ts";
import type { PreparedPerson } from "../shared/host-report.ts";
import { seededRoot, stream } from "../shared/random.ts";
import { isPublicSource } from "../shared/scenario/scenario-schema.ts";
import type { StageTrace } from "../shared/trace.ts";
import { anonymizer, keptColumns } from "./anonymize/anonymize.ts";
import type { DataAssignment } from "./assignment.ts";
import { type Collected, collect } from "./collect.ts";
import { engineer, type LabelledPerson, preparedPerson } from "./engineer.ts";
import { labeller } from "./label.ts";
import { type Partition, partition } from "./partition.ts";
import { personFromRow } from "./person-row.ts";
import type { RawPerson } from "./raw-person.ts";
import { type KRisk, kRisk } from "./risk/k.ts";
import { distinctL } from "./risk/l.ts";
import type { ClientRows } from "./train.ts";

/** One client's engineered rows, and what stays with it. */
export interface PreparedClient extends ClientRows {
  /** Over its anonymized rows; a function of private data, for its own report only. */
  readonly risk: Risk;
}

/** How alike a client's anonymized rows are; `distinctL` of each column declared sensitive. */
export interface Risk extends KRisk {
  readonly distinctL: Readonly<Record<string, number>>;
}

export interface Prepared {
  /** By name, those of `assignment.mine`; a client without rows has zero examples. */
  readonly clients: ReadonlyMap<string, PreparedClient>;
  /** null unless the assignment asks for them. */
  readonly heldOut: Examples | null;
  readonly person: PreparedPerson | null;
  /** The client-side stages; rows are null where the data are private. */
  readonly stages: readonly StageTrace[];
}

/** @throws ScenarioError where the data do not fit the contract or the assignment */
export async function prepare(contract: Contract, assignment: DataAssignment): Promise<Prepared> {
  const collected = await collect(contract, assignment);
  const anonymized = anonymizePeople(collected.people, contract);
  const drawn = anonymizePeople(collected.heldOut, contract).filter(isCounted);
  const { people, heldOut } = splitHeldOut(anonymized, drawn, assignment);
  checkRows(people.filter(isCounted), assignment);
  const shares = dealPeople(people, contract, assignment);
  const clients = assignment.mine.map((name): [string, PreparedClient] => {
    const own = shares.get(name) ?? [];
    const risk = riskOf(own.filter(isCounted), contract);
    return [name, { examples: engineer(own, contract), present: presence(own), risk }];
  });
  const inPopulation = anonymized.filter(isCounted).length;
  const clientRows = people.filter(isCounted).length;
  return {
    clients: new Map(clients),
    heldOut: assignment.heldOut ? engineer(heldOut, contract) : null,
    person: assignment.heldOut ? personToPredict(heldOut, contract, assignment) : null,
    stages: describeStages(collected, inPopulation, clientRows, contract, assignment),
  };
}

function riskOf(people: readonly LabelledPerson[], { anonymity, target }: Contract): Risk {
  const diversity = anonymity.sensitive.map((column) => {
    const sensitiveOf = ({ values, label }: LabelledPerson) =>
      column === target.name ? label : values.get(column);
    return [column, distinctL(people, sensitiveOf)] as const;
  });
  return { ...kRisk(people, anonymity.k), distinctL: Object.fromEntries(diversity) };
}

/** A person of the source; outside the population it keeps its place, and adds nothing. */
interface SourcePerson extends LabelledPerson {
  readonly counted: boolean;
}

function isCounted({ counted }: SourcePerson): boolean {
  return counted;
}

/** uint8[people], 0 for each that is outside the population; undefined: none is. */
function presence(people: readonly SourcePerson[]): Uint8Array | undefined {
  return people.every(isCounted) ? undefined : Uint8Array.from(people, ({ counted }) => +counted);
}

/** Anonymized, labelled, and told whether they count; each person by themselves. */
function anonymizePeople(people: readonly RawPerson[], contract: Contract): SourcePerson[] {
  const anonymize = anonymizer(contract);
  const label = labeller(contract);
  const { where } = contract;
  return people.map((raw) => {
    const person = { ...anonymize(raw), label: label(raw) };
    return { ...person, counted: where === null || runFormula(where.postfix, person) !== 0 };
  });
}

/**
 * Held-out people are the generator's own, or drawn from the file's, a person at a time: the first
 * that count in a seeded order of all. Of the others each keeps its place in that order whether or
 * not it counts, so that one more or less outside the population moves nobody else.
 */
function splitHeldOut(
  people: readonly SourcePerson[],
  drawn: readonly SourcePerson[],
  { source, seed, heldOut: evaluates }: DataAssignment,
): { people: readonly SourcePerson[]; heldOut: readonly SourcePerson[] } {
  if (source.generator !== undefined) return { people, heldOut: drawn };
  const { testRows = 0 } = source;
  if (!(testRows >= Number(evaluates) && testRows < people.filter(isCounted).length))
    throw new ScenarioError({
      what: "data.source.testRows",
      where: source.file ?? "",
      got: testRows,
      expected: "at least one person held out, and one left",
      fix: "Set it, check data.source.where, or take more data.",
    });
  const order = stream(seededRoot(seed), "split").permutation(people.length);
  const counted = order.filter((person) => people[person]?.counted);
  const chosen = new Set(counted.slice(0, testRows));
  return {
    people: people.filter((_, person) => !chosen.has(person)),
    heldOut: people.filter((_, person) => chosen.has(person)),
  };
}

/** Public rows must be what the plan divides by, and hold both labels; private ones are not told of. */
function checkRows(people: readonly LabelledPerson[], { population }: DataAssignment): void {
  if (population === null) return;
  if (people.length !== population)
    throw new ScenarioError({
      what: "privacy.population",
      where: "the data source, held-out people not counted",
      got: population,
      expected: `the number of people, ${people.length}`,
      fix: "Make the two equal.",
    });
  if (people.every(({ label }) => label === people[0]?.label))
    throw new ScenarioError({
      what: "data.oneLabel",
      where: "data.target",
      got: "one label for all people",
      expected: "both labels",
      fix: "Mend target.positive, or the window.",
    });
}

/** Each client's people, by the seeded partition that every host computes alike. */
function dealPeople(
  people: readonly SourcePerson[],
  contract: Contract,
  { partition: spec, clients, seed }: DataAssignment,
): ReadonlyMap<string, readonly SourcePerson[]> {
  const random = stream(seededRoot(seed), "partition");
  const owner = partition(resolved(people, contract, spec), people.length, clients.length, random);
  const shares: SourcePerson[][] = clients.map(() => []);
  for (const [i, person] of people.entries()) shares[owner[i] ?? 0]?.push(person);
  return new Map(clients.map((name, client) => [name, shares[client] ?? []]));
}

function resolved(
  people: readonly LabelledPerson[],
  contract: Contract,
  { kind, alpha = 1, column: name }: DataAssignment["partition"],
): Partition {
  if (kind === "iid") return { kind };
  if (kind === "dirichlet") return { kind, alpha, labels: people.map(({ label }) => label) };
  const column = contract.columns.find((candidate) => candidate.name === name);
  if (column?.role !== "quasiIdentifier" || column.recoding.kind === "number")
    throw new TypeError(`unchecked partition: ${name} has no categories`);
  const values = people.map((person) => person.values.get(column.name) ?? 0);
  return { kind, values, domain: column.recoding.labels.length };
}

function personToPredict(
  heldOut: readonly LabelledPerson[],
  contract: Contract,
  { predictRow }: DataAssignment,
): PreparedPerson | null {
  if (predictRow !== undefined) return preparePerson(predictRow, contract, "predict.row");
  const [first] = heldOut;
  return first ? preparedPerson(first, keptNames(contract), contract) : null;
}

/**
 * One person, as an object of raw columns, through the client's own stages.
 *
 * @param where the key or flag that gave the row, for the refusal
 * @throws ScenarioError where the row does not fit the contract
 */
export function preparePerson(
  row: Readonly<Record<string, unknown>>,
  contract: Contract,
  where: string,
): PreparedPerson {
  const person = anonymizer(contract)(personFromRow(row, contract, where));
  return preparedPerson(person, keptNames(contract), contract);
}

function keptNames(contract: Contract): string[] {
  return keptColumns(contract).map(({ name }) => name);
}

/** Rows × columns after each stage: the clients' rows, where they may be counted at all. */
function describeStages(
  { people, records, recordColumns, columns }: Collected,
  inPopulation: number,
  clientRows: number,
  contract: Contract,
  { source }: DataAssignment,
): StageTrace[] {
  const shown = isPublicSource(source);
  const count = (rows: number) => (shown ? rows : null);
  const kept = keptColumns(contract).map(({ name }) => name);
  const features = contract.features.map(({ name }) => name);
  const stage = (
    name: StageTrace["name"],
    namesIn: readonly string[],
    namesOut: readonly string[],
  ) => ({
    name,
    rowsIn: count(clientRows),
    namesIn,
    rowsOut: count(clientRows),
    namesOut,
  });
  const { testRows = 0 } = source;
  const note =
    source.generator === undefined
      ? `${people.length} people in the file, ${inPopulation} in the population, ${testRows} of them held out`
      : `${testRows} more people are held out`;
  return [
    {
      ...stage("collect", recordColumns, columns),
      rowsIn: count(records),
      note: shown ? note : undefined,
    },
    stage("anonymize", columns, kept),
    { ...stage("engineer", kept, features), note: `${modelInputs(contract)} model inputs` },
  ];
}
