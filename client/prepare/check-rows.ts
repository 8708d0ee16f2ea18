/** What public and generated rows must hold together: private ones stop nothing, for others would learn of it. */
import type { Contract } from "../../shared/contract/contract.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { DataAssignment } from "../data/assignment.ts";
import type { Split } from "../data/deal.ts";
import { countedRows, type PeopleTable } from "../data/people-table.ts";
import { personsAmong } from "../persons/person-rows.ts";

/**
 * Public rows must be what the plan divides by; of private ones nothing is said.
 * Where hashes say who is held out, they are about testRows: what is declared are all of them.
 */
export function checkRows(
  people: PeopleTable,
  { own, heldOut }: Split,
  { population, declaredPeople, source: { testRows = 0, rows: declaredRows } }: DataAssignment,
): void {
  if (population === null) return;
  const { persons } = people;
  const counted = countedRows(people, own);
  const numberOf = (rows: Int32Array) => (persons ? personsAmong(rows, persons) : rows.length);
  const there =
    declaredPeople === undefined
      ? numberOf(counted)
      : numberOf(counted) + numberOf(heldOut) - testRows;
  if (persons && declaredRows !== undefined && counted.length > declaredRows)
    throw new ScenarioError({
      what: "data.source.rows",
      where: "the data source, held-out people not counted",
      got: declaredRows,
      expected: `at least the rows of all persons that are used, ${counted.length}`,
      fix: "Raise it, or remove it: privacy.rowsPerPerson of each is the most there can be.",
    });
  if (there !== population)
    throw new ScenarioError({
      what: "privacy.population",
      where: "the data source, held-out people not counted",
      got: population,
      expected: `the number of people, ${there}`,
      fix: `Write privacy.population: ${there}.`,
    });
}

/** Of the clients' rows; the host that holds out rows says so, once no declared class is found misspelled. */
export function checkLabels(people: PeopleTable, own: Int32Array, { target }: Contract): void {
  const { labels } = people;
  const counted = countedRows(people, own);
  const [first = 0] = counted;
  if (counted.every((row) => labels[row] === labels[first])) throw oneLabel(target, labels[first]);
}

function oneLabel(target: Contract["target"], label = 0): ScenarioError {
  const isOther = target.kind === "column" && label === 0;
  return new ScenarioError({
    what: "data.oneLabel",
    where: "data.target",
    got: isOther ? `no row with the label ${target.positive}` : "one label for all people",
    expected: "two labels at least",
    fix: isOther
      ? `Write data.target.positive as ${target.column} spells it, capitals and spaces too.`
      : "Correct data.target, or take other rows.",
  });
}
