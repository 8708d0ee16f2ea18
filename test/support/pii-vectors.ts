/** Values and columns with the identifiers in them, and how well findings agree with them. */
import { z } from "zod";
import { vectorFile } from "./vector-file.ts";

const labels = z.array(z.string());
const verdict = z.enum(["direct_identifier", "quasi_identifier", "harmless"]);
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const vectors = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      text: z.string(),
      labels,
      /** May be reported or not; reported, they are no error. */
      optional_labels: labels.default([]),
      also_acceptable: labels.default([]),
      spans: z
        .array(z.object({ label: z.string(), start: z.number(), end: z.number() }))
        .default([]),
    }),
  ),
  column_cases: z.array(
    z.object({
      id: z.string(),
      column: z.string(),
      values: z.array(cell),
      expected: z.object({
        verdict,
        type: z.string().optional(),
        also_acceptable: z.array(verdict).default([]),
      }),
    }),
  ),
});
export type PiiCase = z.infer<typeof vectors>["cases"][number];

/** @param name `pii.json`, or one of ours in its form: `pii-more.json`, `pii-siblings.json` */
export const piiVectors = (name: string) => vectors.parse(vectorFile(name));

export interface Score {
  readonly label: string;
  readonly positives: number;
  readonly precision: number;
  readonly recall: number;
  /** The cases at fault. */
  readonly wrong: readonly string[];
}

/** Per label, and over all: a case counts once for each label that it must or does have. */
export function scores(
  cases: readonly PiiCase[],
  labelsOf: (text: string) => ReadonlySet<string>,
): readonly Score[] {
  const outcomes = cases.flatMap(({ id, text, labels, optional_labels, also_acceptable }) => {
    const found = labelsOf(text);
    const wanted = new Set(labels);
    const excused = new Set([...optional_labels, ...also_acceptable]);
    return [...new Set([...wanted, ...found])]
      .filter((label) => wanted.has(label) || !excused.has(label))
      .map((label) => ({ id, label, wanted: wanted.has(label), found: found.has(label) }));
  });
  const score = (label: string, of: typeof outcomes): Score => {
    const hits = of.filter(({ wanted, found }) => wanted && found).length;
    const positives = of.filter(({ wanted }) => wanted).length;
    const reported = of.filter(({ found }) => found).length;
    const wrong = of.filter(({ wanted, found }) => wanted !== found).map(({ id }) => id);
    const ratio = (n: number) => (n === 0 ? 1 : hits / n);
    return { label, positives, precision: ratio(reported), recall: ratio(positives), wrong };
  };
  const labels = [...new Set(outcomes.map(({ label }) => label))].sort();
  return [
    ...labels.map((label) =>
      score(
        label,
        outcomes.filter((one) => one.label === label),
      ),
    ),
    score("all", outcomes),
  ];
}
