/**
 * The page headers of a column chunk (Apache Parquet format, parquet.thrift; Thrift's compact
 * protocol), checked before hyparquet decodes the pages: where a header lacks a length, or an integer
 * has no end, it would read on for ever.
 */

/** Integers and structs by the number of their field; all else is skipped. */
type Fields = ReadonlyMap<number, number | Fields>;

const TYPE = 1;
const UNPACKED_BYTES = 2;
const PACKED_BYTES = 3;
/** By page type: where the type's own header stands. Its first field is the count of values. */
const OWN_HEADER: ReadonlyMap<unknown, number> = new Map([
  [0, 5],
  [2, 7],
  [3, 8],
]);
const VALUES = 1;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;
/** Of the second version: nulls, and the lengths of both kinds of levels, which precede the values. */
const NULLS = 2;
const DEFINITION_BYTES = 5;
const REPETITION_BYTES = 6;

/**
 * Whether pages of as many values as the chunk has rows lie in its bytes, and none claims to unpack
 * to more than the footer says of all of them together.
 *
 * @param bytes the chunk's, from its first page on
 */
export function pagesFit(bytes: Uint8Array, rows: number, unpackedBytes: number): boolean {
  const reader = new HeaderReader(bytes);
  for (let left = rows; left > 0; ) {
    const held = rowsOfPage(reader, left, unpackedBytes);
    if (held === undefined) return false;
    left -= held;
  }
  return true;
}

/** Rows that the next page holds, none where it is a dictionary; undefined: it does not fit. */
function rowsOfPage(reader: HeaderReader, left: number, unpackedBytes: number): number | undefined {
  const header = reader.struct(0);
  if (!header) return undefined;
  const type = header.get(TYPE);
  const own = header.get(OWN_HEADER.get(type) ?? 0);
  const packed = count(header.get(PACKED_BYTES));
  const unpacked = count(header.get(UNPACKED_BYTES));
  if (!(own instanceof Map && unpacked <= unpackedBytes && reader.skip(packed))) return undefined;
  const values = count(own.get(VALUES));
  if (type === DATA_PAGE_V2 && !levelsFit(own, values, packed)) return undefined;
  // An entry of a dictionary takes a bit at least.
  if (type === DICTIONARY_PAGE) return values <= 8 * unpacked ? 0 : undefined;
  return values <= left ? values : undefined;
}

function levelsFit(own: Fields, values: number, packed: number): boolean {
  const levels = count(own.get(DEFINITION_BYTES)) + count(own.get(REPETITION_BYTES));
  return count(own.get(NULLS)) <= values && levels <= packed;
}

/** NaN, which no comparison lets by, for what is no count. */
function count(value: unknown): number {
  return typeof value === "number" && value >= 0 ? value : NaN;
}

/** The compact protocol's types that page headers use; 1 and 2 are true and false. */
const KIND = { true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8 } as const;
const STRUCT = 12;
/** Statistics within a page's own header. */
const MOST_DEPTH = 4;
/** Seven bits a byte: 64 bits. */
const MOST_VARINT_BYTES = 10;

class HeaderReader {
  #at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @returns undefined: no struct ends within the bytes */
  struct(depth: number): Fields | undefined {
    const fields = new Map<number, number | Fields>();
    for (let field = 0; depth <= MOST_DEPTH; ) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return undefined;
      const kind = byte & 0x0f;
      if (kind === 0) return fields;
      field = byte >> 4 === 0 ? unzigzag(this.#varint()) : field + (byte >> 4);
      const value = this.#value(kind, depth);
      if (value === undefined) return undefined;
      fields.set(field, value);
    }
    return undefined;
  }

  skip(bytes: number): boolean {
    if (!(bytes <= this.#bytes.length - this.#at)) return false;
    this.#at += bytes;
    return true;
  }

  /** Of what is skipped, 0. */
  #value(kind: number, depth: number): number | Fields | undefined {
    switch (kind) {
      case KIND.true:
      case KIND.false:
        return 0;
      case KIND.byte:
        return this.skip(1) ? 0 : undefined;
      case KIND.i16:
      case KIND.i32:
      case KIND.i64: {
        const value = unzigzag(this.#varint());
        return Number.isNaN(value) ? undefined : value;
      }
      case KIND.double:
        return this.skip(8) ? 0 : undefined;
      case KIND.binary:
        return this.skip(this.#varint()) ? 0 : undefined;
      case STRUCT:
        return this.struct(depth + 1);
      // No page header has a list.
      default:
        return undefined;
    }
  }

  /** Exact below 2^53, which is far beyond any length that fits; NaN: it does not end. */
  #varint(): number {
    let value = 0;
    for (let i = 0; i < MOST_VARINT_BYTES; i++) {
      const byte = this.#bytes[this.#at++] ?? NaN;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return NaN;
  }
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
