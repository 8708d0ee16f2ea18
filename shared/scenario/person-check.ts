/** What must hold where a person may have several rows (`privacy.rowsPerPerson`): a rule each. */
import type { Rule } from "./rule.ts";

export const PERSON_RULES: readonly Rule[] = [
  ({ data: { source }, privacy: { rowsPerPerson } }) => {
    if (rowsPerPerson !== undefined || source.generator !== undefined) return undefined;
    if (source.rows === undefined) return undefined;
    return [
      "data.source.rows",
      source.rows,
      "none beside a file, which has its own; or privacy.rowsPerPerson, with which it says how many all persons have",
      "Remove it.",
    ];
  },
  ({ data: { source }, privacy: { rowsPerPerson } }) => {
    if (rowsPerPerson === undefined) return undefined;
    const what = "privacy.rowsPerPerson";
    if (source.generator !== undefined)
      return [
        what,
        rowsPerPerson,
        "none beside a generator: it makes a row a person",
        "Remove it.",
      ];
    if (source.events !== undefined)
      return [
        what,
        rowsPerPerson,
        "none beside data.source.events: the rows of a person are joined to one there",
        "Remove it; maxEvents bounds what is kept of a person's events.",
      ];
    if (source.person !== undefined) return undefined;
    return [
      "data.source.person",
      "nothing",
      "with privacy.rowsPerPerson the column that names the person",
      "Name it, person: patient_id say, and declare it role: directIdentifier.",
    ];
  },
  ({ privacy: { rowsPerPerson, unit } }) => {
    if (rowsPerPerson === undefined || unit === "record") return undefined;
    return [
      "privacy.rowsPerPerson",
      rowsPerPerson,
      "none with unit client: all rows of a client are one unit already",
      "Remove it, or take unit record.",
    ];
  },
  ({ data: { source }, privacy: { rowsPerPerson, population } }) => {
    const { rows } = source;
    if (rowsPerPerson === undefined || rows === undefined) return undefined;
    const most = population * rowsPerPerson;
    if (rows <= most) return undefined;
    return [
      "data.source.rows",
      rows,
      `at most ${most}: privacy.rowsPerPerson, ${rowsPerPerson}, of each of ${population} persons`,
      "Lower it, or remove it.",
    ];
  },
  ({ data: { partition }, privacy: { rowsPerPerson } }) => {
    const { kind } = partition;
    if (rowsPerPerson === undefined || kind === "iid" || kind === "files") return undefined;
    return [
      "data.partition.kind",
      kind,
      "iid or files with privacy.rowsPerPerson: all rows of a person are dealt together",
      "Take kind: iid.",
    ];
  },
  ({ data: { anonymity }, privacy: { rowsPerPerson } }) => {
    if (rowsPerPerson === undefined || anonymity.mode !== "mondrian") return undefined;
    return [
      "data.anonymity.mode",
      anonymity.mode,
      "report or suppress with privacy.rowsPerPerson: parts of k rows may be one person's",
      "Take mode: suppress, whose classes count persons.",
    ];
  },
];
