/** Parquet files in memory, by hyparquet-writer; column types as the format's own schema says them. */
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { CompressionCodec, DecodedArray, SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";

export interface WrittenColumn extends Omit<SchemaElement, "name"> {
  readonly values: DecodedArray;
  readonly encoding?: Parameters<typeof parquetWriteBuffer>[0]["columnData"][number]["encoding"];
}

export function parquetFile(
  columns: Readonly<Record<string, WrittenColumn>>,
  { codec = "UNCOMPRESSED", groupRows = 1_000, pageBytes = 1_000 } = {} as {
    codec?: CompressionCodec;
    groupRows?: number;
    pageBytes?: number;
  },
): Buffer {
  const entries = Object.entries(columns);
  const schema: SchemaElement[] = [
    { name: "root", num_children: entries.length },
    ...entries.map(([name, { values: _, encoding: __, ...element }]) => ({
      repetition_type: "REQUIRED" as const,
      ...element,
      name,
    })),
  ];
  const columnData = entries.map(([name, { values, encoding }]) => ({
    name,
    data: values,
    ...(encoding && { encoding }),
  }));
  const compressors = {
    GZIP: (bytes: Uint8Array) => gzipSync(bytes),
    BROTLI: (bytes: Uint8Array) => brotliCompressSync(bytes),
    ZSTD: zstdRaw,
    LZ4_RAW: lz4Literals,
  };
  const rowGroupSize = [groupRows];
  return Buffer.from(
    parquetWriteBuffer({
      columnData,
      schema,
      codec,
      compressors,
      rowGroupSize,
      pageSize: pageBytes,
    }),
  );
}

/** A Zstandard frame (RFC 8878) of one raw block: Node 20 cannot write any. */
function zstdRaw(bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0xfd2fb528);
  // One segment, whose length stands in four bytes.
  head.writeUInt8(0xa0, 4);
  head.writeUInt32LE(bytes.length, 5);
  // The last block, raw, and how many bytes it has.
  head.writeUIntLE(1 + (bytes.length << 3), 9, 3);
  return Buffer.concat([head, bytes]);
}

/** An LZ4 block of one sequence without a match. */
function lz4Literals(bytes: Uint8Array): Uint8Array {
  const rest = bytes.length - 15;
  if (rest < 0) return Buffer.concat([Buffer.from([bytes.length << 4]), bytes]);
  const lengths = [...new Uint8Array(Math.floor(rest / 255)).fill(255), rest % 255];
  return Buffer.concat([Buffer.from([0xf0, ...lengths]), bytes]);
}
