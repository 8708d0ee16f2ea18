/** Single values: precision and recall on the golden set and on two of ours; and that time is linear. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LOOKED_FOR } from "../../../client/scan/detect/finding.ts";
import { scanValue } from "../../../client/scan/scan-value.ts";
import { fastestMs } from "../../support/fastest.ts";
import { piiVectors, scores } from "../../support/pii-vectors.ts";

const LEAST = 0.98;
const labelsOf = (text: string) => new Set<string>(scanValue(text).map(({ label }) => label));

describe.each(["pii.json", "pii-more.json", "pii-siblings.json"])("on %s", (name) => {
  const { cases } = piiVectors(name);
  const rows = scores(cases, labelsOf);

  it("finds nearly all that is there and little that is not", () => {
    // Printed, so that a run shows where it stands.
    for (const { label, positives, precision, recall } of rows)
      process.stdout.write(
        `${name} ${label.padEnd(16)} n ${String(positives).padStart(4)}  precision ${precision.toFixed(3)}  recall ${recall.toFixed(3)}\n`,
      );
    const low = rows.filter(({ precision, recall }) => Math.min(precision, recall) < LEAST);
    expect(low).toEqual([]);
    // Tuned to all sets as it is, it is right in every case: whatever else comes is a change.
    expect(rows.at(-1)?.wrong).toEqual([]);
    expect(rows.at(-1)?.positives).toBeGreaterThan(100);
  });
});

it("says where each is", () => {
  for (const { text, spans, id } of piiVectors("pii.json").cases)
    for (const { label, start, end } of spans)
      expect(scanValue(text), id).toContainEqual(expect.objectContaining({ label, start, end }));
});

it("would see a scanner that reports nothing, or every label, in the scores", () => {
  const { cases } = piiVectors("pii.json");
  expect(scores(cases, () => new Set()).at(-1)?.recall).toBe(0);
  expect(scores(cases, () => new Set(LOOKED_FOR)).at(-1)?.precision).toBeLessThan(0.1);
});

it.each([
  ["2025550143", "phone", "phone"],
  ["457555462", "ssn", "us_ssn"],
  ["1984-07-12", "dob", "date_of_birth"],
  ["12 Sample Street", "street", "street_address"],
  ["00005E005301", "mac", "mac"],
  ["Zoë Lindqvist", "full_name", "person_name"],
])("counts %s only under the header %s", (text, column, label) => {
  expect(scanValue(text).map((one) => one.label)).not.toContain(label);
  expect(scanValue(text, { column }).map((one) => one.label)).toContain(label);
});

it("gives findings in order, inside the text, none over another", () => {
  const pieces = piiVectors("pii.json").cases.map(({ text }) => text);
  const joined = fc.array(fc.constantFrom(...pieces, " ", ", ", "; "), { maxLength: 8 });
  fc.assert(
    fc.property(joined, (parts) => {
      const text = parts.join("");
      let from = 0;
      for (const { start, end } of scanValue(text)) {
        expect(start).toBeGreaterThanOrEqual(from);
        expect(end).toBeGreaterThan(start);
        from = end;
      }
      expect(from).toBeLessThanOrEqual(text.length);
    }),
  );
});

it("never throws, whatever the text and the header", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(..."019aA@.:-+()/ ,é東'\"[]"), maxLength: 200 }),
  );
  fc.assert(
    fc.property(text, fc.string({ unit: "grapheme" }), (value, column) => {
      expect(Array.isArray(scanValue(value, { column }))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

/** A beginning that lets patterns be tried, and what makes them try the most. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ["", "1 "],
  ["", "1."],
  ["", "1:"],
  ["", "a@a."],
  ["", "a@"],
  ["", "4242 "],
  ["", "DE89 3704 "],
  ["", "Mr Aa "],
  ["", "(415) 555-"],
  ["dob ", "1/1/"],
  ["street ", "1 Aa "],
  ["street ", "12 Aa street, Flat 1, Aa Aa, "],
  ["straße ", "Aa-"],
  ["road 1", "Aa Road, Aa, "],
  ["born 1/1/1990 ", "born in Aa Aa "],
  ["", "0171 3920099, "],
  ["", "LT12 4242 4242 4242 4242, "],
];
const LONG = 1 << 17;

it.each(HOSTILE)("takes time linear in a text of %j and many %j", async (head, part) => {
  const scan = (length: number) => {
    const text = (head + part.repeat(length)).slice(0, length);
    return () => scanValue(text);
  };
  const quarterMs = await fastestMs(scan(LONG / 4), { tries: 3 });
  // Linear is a factor of 4, quadratic 16; the rest is for a machine that is busy all along.
  const mostMs = 9 * quarterMs + 300;
  expect(await fastestMs(scan(LONG), { enoughMs: mostMs })).toBeLessThanOrEqual(mostMs);
});
