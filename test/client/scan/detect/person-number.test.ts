/** States' numbers: their authorities' and standards' published examples, and one wrong check character each. */
import { expect, it } from "vitest";
import type { Label } from "../../../../client/scan/detect/finding.ts";
import { NUMBER_LABELS, personNumbers } from "../../../../client/scan/detect/person-number.ts";
import { columnTally } from "../../../../client/scan/scan-column.ts";
import { scanValue } from "../../../../client/scan/scan-value.ts";

/** Written in examples and test systems; nobody's. */
const PUBLISHED: readonly (readonly [Label, string])[] = [
  ["it_codice_fiscale", "RSSMRA85T10A562S"],
  ["fr_nir", "2 55 08 14 168 025 38"],
  ["fi_hetu", "131052-308T"],
  ["ch_ahv", "756.9217.0769.85"],
  ["br_cpf", "529.982.247-25"],
  ["us_itin", "912-90-3456"],
  ["de_rvnr", "15070649C103"],
  ["es_nie", "X1234567L"],
  ["es_nif", "12345678Z"],
  ["be_rrn", "93.05.18-223.61"],
  ["no_fodselsnummer", "15108695088"],
  ["se_personnummer", "811218-9876"],
  ["pl_pesel", "44051401359"],
  ["de_steuer_id", "86095742719"],
  ["in_aadhaar", "9999 4105 7058"],
  ["uk_nhs", "943 476 5919"],
  ["nl_bsn", "111222333"],
  ["pt_nif", "123456789"],
];
const found = (text: string) => personNumbers(text, NUMBER_LABELS).map(({ label }) => label);

it("knows an example of each", () => {
  expect(new Set(PUBLISHED.map(([label]) => label))).toEqual(NUMBER_LABELS);
});

it.each(PUBLISHED)("takes a %s with its check characters, and with no other", (label, written) => {
  expect(found(written)).toContain(label);
  if (label === "us_itin") return expect(found("912-93-3456")).not.toContain(label);
  // The check character of a pension number is its last, of an identity number with a date too.
  const last = written.slice(-1);
  const others = [...(/\d/.test(last) ? "0123456789" : "ABCDEFGHJKLMNPRSTVWXYZ")]
    .filter((c) => c !== last)
    .map((c) => written.slice(0, -1) + c);
  expect(others.length).toBeGreaterThanOrEqual(9);
  for (const other of others) expect(found(other), other).not.toContain(label);
});

it("says nothing of one bare number in a text, without a word beside it", () => {
  const labels = (text: string) => scanValue(text).map(({ label }) => label);
  expect(labels("44051401359")).toEqual([]);
  expect(labels("order 44051401359 came")).toEqual([]);
  expect(labels("the PESEL is 44051401359 since then")).toEqual(["pl_pesel"]);
  expect(labels("he gave RSSMRA85T10A562S as his code")).toEqual(["it_codice_fiscale"]);
});

it("judges a column by how many of its numbers pass", () => {
  const verdict = (column: string, cells: readonly string[]) => {
    const tally = columnTally(column);
    for (const cell of cells) tally.add(cell);
    return tally.verdict();
  };
  const all = Array.from({ length: 4_000 }, (_, i) => String(100_000_000 + 7 * i));
  const passing = all.filter((n) => found(n).includes("nl_bsn")).slice(0, 50);
  expect(passing).toHaveLength(50);
  expect(verdict("x", passing)).toMatchObject({ verdict: "direct_identifier", type: "nl_bsn" });
  expect(verdict("x", all).verdict).toBe("harmless");
  // Four are too few to tell from chance, but under a header that says it.
  expect(verdict("x", passing.slice(0, 4)).verdict).toBe("harmless");
  expect(verdict("bsn", passing.slice(0, 4)).verdict).toBe("direct_identifier");
});
