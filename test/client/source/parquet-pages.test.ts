import { expect, it } from "vitest";
import { pagesFit } from "../../../client/source/parquet-pages.ts";

/** Field n of a struct, in Thrift's compact protocol: a 32-bit integer (small and ≥ 0), or a struct. */
type Header = readonly (readonly [field: number, value: number | Header])[];

function thrift(fields: Header): number[] {
  let last = 0;
  const bytes = fields.flatMap(([field, value]) => {
    const step = (field - last) << 4;
    last = field;
    return typeof value === "number"
      ? [step | 5, ...varint(2 * value)]
      : [step | 12, ...thrift(value)];
  });
  return [...bytes, 0];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

/** A page of zeros after its header. */
function page(header: Header, bytes: number): number[] {
  return [...thrift(header), ...new Uint8Array(bytes)];
}

const dictionary = (values: number) =>
  page(
    [
      [1, 2],
      [2, 40],
      [3, 12],
      [
        7,
        [
          [1, values],
          [2, 0],
        ],
      ],
    ],
    12,
  );
const first = (values: number) =>
  page(
    [
      [1, 0],
      [2, 40],
      [3, 10],
      [
        5,
        [
          [1, values],
          [2, 0],
        ],
      ],
    ],
    10,
  );
const V2: Header = [
  [1, 300],
  [2, 9],
  [3, 300],
  [4, 8],
  [5, 4],
  [6, 0],
];
const second = (own: Header) =>
  page(
    [
      [1, 3],
      [2, 40],
      [3, 10],
      [8, own],
    ],
    10,
  );
const without = (field: number) => V2.filter(([at]) => at !== field);
const withField = (field: number, value: number): Header =>
  V2.map(([at, old]) => [at, at === field ? value : old]);

const fits = (...pages: number[][]) => pagesFit(Uint8Array.from(pages.flat()), 700, 1_000);

it("takes a dictionary and pages of both versions, which have the chunk's rows together", () => {
  expect(fits(dictionary(50), first(400), second(V2))).toBe(true);
  expect(pagesFit(Uint8Array.from(first(700)), 700, 40)).toBe(true);
});

it.each<[string, number[][]]>([
  ["fewer values than rows", [first(400)]],
  ["more values than rows", [first(400), first(301)]],
  ["pages that end early", [first(400), second(V2).slice(0, -1)]],
  ["a header that ends early", [first(400), second(V2).slice(0, 8)]],
  ["a dictionary of more entries than bits", [dictionary(321), first(700)]],
  [
    "no length of repetition levels, at which hyparquet never ends",
    [first(400), second(without(6))],
  ],
  ["no length of definition levels", [first(400), second(without(5))]],
  ["no count of nulls", [first(400), second(without(2))]],
  ["more nulls than values", [first(400), second(withField(2, 301))]],
  ["levels longer than the page", [first(400), second(withField(5, 11))]],
  [
    "no length",
    [
      page(
        [
          [1, 0],
          [2, 40],
          [5, [[1, 700]]],
        ],
        10,
      ),
    ],
  ],
  [
    "no count",
    [
      page(
        [
          [1, 0],
          [2, 40],
          [3, 10],
          [5, [[2, 0]]],
        ],
        10,
      ),
    ],
  ],
  [
    "no header of its own kind",
    [
      page(
        [
          [1, 3],
          [2, 40],
          [3, 10],
          [5, [[1, 700]]],
        ],
        10,
      ),
    ],
  ],
  [
    "an unknown kind",
    [
      page(
        [
          [1, 9],
          [2, 40],
          [3, 10],
          [5, [[1, 700]]],
        ],
        10,
      ),
    ],
  ],
  [
    "a page that unpacks to more than the chunk",
    [
      page(
        [
          [1, 0],
          [2, 1_001],
          [3, 10],
          [5, [[1, 700]]],
        ],
        10,
      ),
    ],
  ],
  [
    "an integer of 16 bytes",
    [
      [
        ...[0x15, 0, 0x15, 80, 0x15, 20, 0x15],
        ...new Uint8Array(15).fill(0x80),
        0,
        ...[0x1c, 0x15, ...varint(1_400), 0, 0],
        ...new Uint8Array(10),
      ],
    ],
  ],
  ["an integer without end", [[0x15, ...new Uint8Array(50_000).fill(0xff), 0]]],
  ["structs without end", [new Array(50_000).fill(0x1c)]],
])("refuses %s", (_, pages) => {
  expect(fits(...pages)).toBe(false);
});
