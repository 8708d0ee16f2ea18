import { expect, it } from "vitest";
import { DATA_RULES } from "../../../shared/scenario/data-check.ts";
import { dataSchema } from "../../../shared/scenario/data-schema.ts";

/** Where the first rule that does not hold says so; undefined: all hold. */
function fault(data: object): string | undefined {
  const parsed = dataSchema.parse({
    source: { file: "people.csv", testRows: 1 },
    columns: { age: { role: "insensitive" }, bought: { role: "target" } },
    target: { name: "buys", column: "bought", positive: "yes" },
    ...data,
  });
  for (const rule of DATA_RULES) {
    const broken = rule(parsed);
    if (broken) return broken[0];
  }
  return undefined;
}

const files = (...names: string[]) => ({
  source: { files: names, testFile: "test.csv" },
  partition: { kind: "files" },
});

it.each<[string, object]>([
  ["a file, dealt iid", {}],
  ["a file a client", files("a.csv", "b/a.csv", "c.csv")],
  ["a generator", { source: { generator: "purchases", rows: 9, testRows: 1 } }],
  ["a partition with what it takes", { partition: { kind: "sizes", sizes: "zipf", exponent: 2 } }],
])("takes %s", (_, data) => {
  expect(fault(data)).toBeUndefined();
});

it.each<[string, object, string]>([
  ["two clients of one file", files("a.csv", "b.csv", "a.csv"), "data.source.files"],
  ["the same under another spelling", files("a.csv", "./b/../a.csv"), "data.source.files"],
  [
    "files that are dealt",
    { ...files("a.csv"), partition: { kind: "iid" } },
    "data.partition.kind",
  ],
  ["a file dealt as files", { partition: { kind: "files" } }, "data.partition.kind"],
  ["neither file nor generator", { source: { testRows: 1 } }, "data.source"],
  ["both", { source: { file: "a.csv", files: ["b.csv"], testRows: 1 } }, "data.source"],
  ["nobody held out", { source: { file: "a.csv" } }, "data.source.testRows"],
  [
    "a header of a generator",
    { source: { generator: "purchases", header: ["x"], testRows: 1 } },
    "data.source.header",
  ],
  [
    "events of nobody",
    { source: { file: "a.csv", testRows: 1, events: { log: { time: "day" } } } },
    "data.source.person",
  ],
  ["dirichlet without alpha", { partition: { kind: "dirichlet" } }, "data.partition.alpha"],
  ["an alpha beside iid", { partition: { kind: "iid", alpha: 1 } }, "data.partition.alpha"],
  ["sizes without a law", { partition: { kind: "sizes" } }, "data.partition.sizes"],
  [
    "the exponent of another law",
    { partition: { kind: "sizes", sizes: "logNormal", sigma: 1, exponent: 1 } },
    "data.partition.exponent",
  ],
  [
    "a label of two kinds",
    { target: { name: "x", event: "log", column: "bought" } },
    "data.target",
  ],
  [
    "a key of another role",
    { columns: { age: { role: "drop", type: "integer" }, bought: { role: "target" } } },
    "data.columns.age.type",
  ],
  [
    "a log without its cut-off",
    { columns: { log: { role: "eventLog", time: "day" } } },
    "data.columns.log.cutOff",
  ],
])("refuses %s", (_, data, where) => {
  expect(fault(data)).toBe(where);
});
