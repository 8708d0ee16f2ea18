import type { CompressionCodec } from "hyparquet";
import { afterAll, describe, expect, it } from "vitest";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { parquetFile, type WrittenColumn } from "../../support/parquet-files.ts";
import { TableFiles } from "../../support/table-files.ts";

const files = new TableFiles();
afterAll(() => files.remove());

const read = (bytes: Uint8Array, options = {}) =>
  files.read(files.write("t.parquet", bytes), options);
const refusal = (bytes: Uint8Array, options = {}) =>
  files.refusal(files.write("t.parquet", bytes), options);

const OPTIONAL = { repetition_type: "OPTIONAL" } as const;
const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;

/** 2,500 rows in three groups and many pages: each cell tells its row. */
const COUNT = 2_500;
const range = <T>(cell: (i: number) => T) => Array.from({ length: COUNT }, (_, i) => cell(i));
const MIXED = {
  text: { ...TEXT, ...OPTIONAL, values: range((i) => (i % 7 === 0 ? null : `v${i % 50}`)) },
  unique: { ...TEXT, values: range((i) => `é${i * 31}`), encoding: "PLAIN" },
  prefixed: { ...TEXT, values: range((i) => `prefix${i}`), encoding: "DELTA_BYTE_ARRAY" },
  whole: { type: "INT32", values: range((i) => i - 7), encoding: "DELTA_BINARY_PACKED" },
  long: {
    type: "INT64",
    ...OPTIONAL,
    values: range((i) => (i % 3 === 0 ? null : BigInt(i) ** 4n)),
  },
  real: { type: "DOUBLE", values: range((i) => i / 3), encoding: "BYTE_STREAM_SPLIT" },
  truth: { type: "BOOLEAN", values: range((i) => i % 5 === 0) },
} satisfies Record<string, WrittenColumn>;
const MIXED_ROWS = range((i) =>
  Object.values(MIXED).map(({ values }) => {
    const value = values[i] ?? null;
    return typeof value === "bigint" ? Number(value) : value;
  }),
);

describe("a Parquet file", () => {
  it.each<CompressionCodec>(["UNCOMPRESSED", "SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4_RAW"])(
    "gives its rows in order, over groups and pages, compressed by %s",
    async (codec) => {
      const table = await read(parquetFile(MIXED, { codec }));
      expect(table.header).toEqual(Object.keys(MIXED));
      expect(table.typed).toBe(true);
      expect(table.lines).toEqual(range((i) => i + 1));
      expect(table.rows).toEqual(MIXED_ROWS);
    },
  );

  it("gives the same rows whatever number of cells is held at a time", async () => {
    const bytes = parquetFile(MIXED, { groupRows: 2_500 });
    const { rows, lines } = await read(bytes, { limits: { heldCells: 1 } });
    expect(rows).toEqual(MIXED_ROWS);
    expect(lines).toEqual(range((i) => i + 1));
  });
});

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

/** Of stored values, by hand from LogicalTypes.md. */
const CELLS: readonly [string, WrittenColumn, unknown][] = [
  ["text", { ...TEXT, values: [bytes("c3a9")] }, "é"],
  ["an enum", { type: "BYTE_ARRAY", converted_type: "ENUM", values: ["x"] }, "x"],
  [
    "JSON as its text",
    { type: "BYTE_ARRAY", logical_type: { type: "JSON" }, values: [bytes("5b315d")] },
    "[1]",
  ],
  ["the largest exact integer", { type: "INT64", values: [2n ** 53n - 1n] }, 9_007_199_254_740_991],
  [
    "the smallest exact integer",
    { type: "INT64", values: [1n - 2n ** 53n] },
    -9_007_199_254_740_991,
  ],
  [
    "an unsigned integer of 32 bits",
    { type: "INT32", converted_type: "UINT_32", values: [4_294_967_295] },
    4_294_967_295,
  ],
  [
    "a decimal of 32 bits",
    { type: "INT32", converted_type: "DECIMAL", scale: 2, precision: 9, values: [12_345n] },
    123.45,
  ],
  [
    "a decimal that 0.001 would miss",
    { type: "INT64", converted_type: "DECIMAL", scale: 3, precision: 18, values: [-1_005n] },
    -1.005,
  ],
  [
    "a decimal in bytes",
    {
      type: "FIXED_LEN_BYTE_ARRAY",
      type_length: 5,
      logical_type: { type: "DECIMAL", scale: 1, precision: 9 },
      values: [bytes("ffffffff85")],
    },
    -12.3,
  ],
  [
    "a half",
    {
      type: "FIXED_LEN_BYTE_ARRAY",
      type_length: 2,
      logical_type: { type: "FLOAT16" },
      values: [-3],
    },
    -3,
  ],
  [
    "a UUID",
    {
      type: "FIXED_LEN_BYTE_ARRAY",
      type_length: 16,
      logical_type: { type: "UUID" },
      values: [bytes("00112233445566778899aabbccddeeff")],
    },
    "00112233-4455-6677-8899-aabbccddeeff",
  ],
  ["a day", { type: "INT32", converted_type: "DATE", values: [19_848] }, "2024-05-05"],
  [
    "a day before 1970",
    { type: "INT32", logical_type: { type: "DATE" }, values: [-1] },
    "1969-12-31",
  ],
  [
    "an instant in milliseconds",
    { type: "INT64", converted_type: "TIMESTAMP_MILLIS", values: [1_714_912_245_678n] },
    "2024-05-05T12:30:45.678Z",
  ],
  [
    "an instant in nanoseconds, before 1970",
    {
      type: "INT64",
      logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" },
      values: [-1n],
    },
    "1969-12-31T23:59:59.999Z",
  ],
  [
    "a time without a zone",
    {
      type: "INT64",
      logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "MICROS" },
      values: [1_714_912_245_678_901n],
    },
    "2024-05-05T12:30:45.678",
  ],
];

const REFUSED: readonly [string, string, WrittenColumn][] = [
  ["an integer beyond 2^53", "data.nonFiniteNumber", { type: "INT64", values: [2n ** 53n] }],
  [
    "an unsigned integer of 64 bits",
    "data.nonFiniteNumber",
    { type: "INT64", converted_type: "UINT_64", values: [2n ** 64n - 1n] },
  ],
  ["infinity", "data.nonFiniteNumber", { type: "DOUBLE", values: [Number.POSITIVE_INFINITY] }],
  ["no number", "data.nonFiniteNumber", { type: "FLOAT", values: [Number.NaN] }],
  ["text that is no UTF-8", "data.encoding", { ...TEXT, values: [bytes("ff")] }],
  ["text with a NUL", "data.nul", { ...TEXT, values: [bytes("6100")] }],
  [
    "a day beyond year 9999",
    "data.invalidDate",
    { type: "INT32", converted_type: "DATE", values: [2_932_897] },
  ],
  ["a cell beyond the limit", "data.fieldSize", { ...TEXT, values: ["x".repeat(1_048_577)] }],
];

describe("a Parquet cell", () => {
  it.each(CELLS)("is read: %s", async (_, column, cell) => {
    const optional = { ...column, ...OPTIONAL, values: [null, ...column.values] };
    expect((await read(parquetFile({ a: column }))).rows).toEqual([[cell]]);
    expect((await read(parquetFile({ a: optional }))).rows).toEqual([[null], [cell]]);
  });

  it.each(REFUSED)("is refused, naming row and column: %s", async (_, code, column) => {
    const values = [...column.values].flatMap((value) => [null, null, value]);
    const problem = await refusal(parquetFile({ a: { ...column, ...OPTIONAL, values } }));
    expect(problem).toMatchObject({ what: code, where: "t.parquet, row 3, a" });
  });

  it.each<[string, WrittenColumn]>([
    ["bytes that say nothing of what they are", { type: "BYTE_ARRAY", values: ["x"] }],
    ["a time of day", { type: "INT32", converted_type: "TIME_MILLIS", values: [1] }],
    [
      "a decimal of 23 places",
      { type: "INT64", converted_type: "DECIMAL", scale: 23, precision: 23, values: [1n] },
    ],
  ])("is refused by its column's type: %s", async (_, column) => {
    const problem = await refusal(parquetFile({ a: column }));
    expect(problem).toMatchObject({ what: "data.columnType", where: "t.parquet, a" });
  });
});

const ONE: Record<string, WrittenColumn> = { a: { type: "INT32", values: [1, 2, 3] } };
const SOUND = parquetFile(ONE);

describe("a Parquet file is refused for", () => {
  it.each<[string, string, Uint8Array, object]>([
    ["being cut off", "data.format", SOUND.subarray(0, -1), {}],
    ["its magic number alone", "data.format", Buffer.from("PAR1PAR1"), {}],
    ["a footer longer than the file", "data.format", withFooterLength(SOUND.length), {}],
    ["a footer beyond the limit", "data.size", SOUND, { limits: { footerBytes: 20 } }],
    ["a row group beyond the limit", "data.size", SOUND, { limits: { groupBytes: 20 } }],
    ["rows out of all proportion", "data.ratio", constantRows(), { limits: { smallBytes: 1_000 } }],
    ["having no rows", "data.noRows", parquetFile({ a: { type: "INT32", values: [] } }), {}],
    ["a column twice", "data.duplicateColumn", renamed({ a: ONE.a, b: ONE.a }, "b", "a"), {}],
    [
      "a column named __proto__",
      "data.header",
      renamed({ a_proto_b: ONE.a }, "a_proto_b", "__proto__"),
      {},
    ],
    ["a header beside its own", "data.header", SOUND, { header: ["a"] }],
    ["more columns than the limit", "data.columns", parquetFile(MIXED), { limits: { columns: 6 } }],
  ])("%s", async (_, code, content, options) => {
    expect((await refusal(content, options)).what).toBe(code);
  });

  it("a nested column", async () => {
    const { parquetWriteBuffer } = await import("hyparquet-writer");
    const schema = [
      { name: "root", num_children: 1 },
      {
        name: "list",
        repetition_type: "OPTIONAL" as const,
        num_children: 1,
        converted_type: "LIST" as const,
      },
      { name: "list", repetition_type: "REPEATED" as const, num_children: 1 },
      { name: "element", repetition_type: "OPTIONAL" as const, type: "INT32" as const },
    ];
    const written = parquetWriteBuffer({ columnData: [{ name: "list", data: [[1, 2]] }], schema });
    const problem = await refusal(new Uint8Array(written));
    expect(problem).toMatchObject({ what: "data.nested", where: "t.parquet, list" });
  });

  it("an integer of a quarter of a million bytes in its footer, within the deadline", async () => {
    const footer = Buffer.alloc(262_144, 0xff);
    // Field 1, of 64 bits, whose digits end with the footer.
    footer[0] = 0x16;
    footer[footer.length - 1] = 0x01;
    const tail = Buffer.alloc(4);
    tail.writeUInt32LE(footer.length);
    const content = Buffer.concat([Buffer.from("PAR1"), footer, tail, Buffer.from("PAR1")]);
    expect((await refusal(content, { limits: { footerMs: 100 } })).what).toBe("data.format");
  });
});

describe("a Parquet file with broken bytes", () => {
  // UNCOMPRESSED: no checksum stands between a flipped bit and the decoder.
  const sound = (["UNCOMPRESSED", "SNAPPY", "GZIP"] as const).map((codec) =>
    parquetFile(MIXED, { codec, pageBytes: 10_000 }),
  );

  it.each(sound.map((file, i) => ({ file, i })))(
    "gives rows or one refusal, soon, for each of 60 ways to break it (file $i)",
    async ({ file, i }) => {
      const random = stream(seededRoot(4), "simulate", i);
      const outcomes = new Set<string>();
      for (let round = 0; round < 60; round++) {
        const broken = Buffer.from(file);
        // Every other time in the footer, where lengths and offsets are.
        const first = round % 2 === 0 ? 0 : file.length - 8 - file.readUInt32LE(file.length - 8);
        for (let flips = 1 + random.below(4); flips > 0; flips--) {
          const at = first + random.below(file.length - first);
          broken[at] = (broken[at] ?? 0) ^ (1 + random.below(255));
        }
        const startMs = performance.now();
        const name = files.write("t.parquet", broken);
        // Whatever is no refusal is thrown, and fails the test.
        outcomes.add(
          await files.read(name).then(
            () => "rows",
            async () => (await files.refusal(name)).what,
          ),
        );
        expect(performance.now() - startMs).toBeLessThan(10_000);
      }
      expect(outcomes).toContain("rows");
      expect(outcomes).toContain("data.format");
    },
  );
});

/** The same file, whose footer claims another length. */
function withFooterLength(length: number): Buffer {
  const file = Buffer.from(SOUND);
  file.writeUInt32LE(length, file.length - 8);
  return file;
}

/** A hundred thousand rows in a few hundred bytes. */
function constantRows(): Buffer {
  return parquetFile(
    { a: { ...TEXT, ...OPTIONAL, values: new Array(100_000).fill(null) } },
    { groupRows: 100_000 },
  );
}

/** A file that no writer would write: a column's name replaced wherever it stands, byte by byte. */
function renamed(
  columns: Record<string, WrittenColumn | undefined>,
  from: string,
  to: string,
): Buffer {
  const sound = Object.entries(columns).flatMap(([name, column]) =>
    column ? [[name, column] as const] : [],
  );
  const file = parquetFile(Object.fromEntries(sound));
  // Names follow their length in the footer.
  const name = (text: string) => Buffer.from([text.length, ...Buffer.from(text)]);
  for (let at = file.indexOf(name(from)); at >= 0; at = file.indexOf(name(from), at))
    file.set(name(to), at);
  return file;
}
