/**
 * What a planted value would look like if it left, in every coding that a leak could plausibly take:
 * text, bytes, digests. And the search for all of them at once.
 */
import { createHash } from "node:crypto";

/** A value that occurs nowhere by chance, planted in one cell. */
export type Canary =
  | { readonly kind: "text"; readonly name: string; readonly value: string }
  | { readonly kind: "number"; readonly name: string; readonly value: number }
  /** With its zone, to the millisecond. */
  | { readonly kind: "time"; readonly name: string; readonly value: string };

export interface Needle {
  /** Of its canary. */
  readonly name: string;
  readonly coding: string;
  readonly bytes: Buffer;
}

/** Where to look. Payloads of 4-byte entries are also looked through for 4-byte needles. */
export interface Haystack {
  readonly place: string;
  readonly bytes: Buffer;
  readonly entries?: boolean;
}

export interface Found {
  readonly place: string;
  readonly name: string;
  readonly coding: string;
}

export function needlesOf(canary: Canary): Needle[] {
  const { name } = canary;
  switch (canary.kind) {
    case "text":
      return named(name, textCodings(canary.value));
    case "number":
      return named(name, numberCodings(canary.value));
    case "time":
      return named(name, timeCodings(canary.value));
  }
}

/** Of a key, or of anything else that is bytes and no text. */
export function byteNeedles(name: string, bytes: Uint8Array): Needle[] {
  return named(name, byteCodings(Buffer.from(bytes), "bytes"));
}

type Coding = readonly [coding: string, bytes: Buffer];

/** Shorter ones would be found by chance; those of 4 bytes are entries, and looked for as such. */
const SHORTEST = 6;
const ENTRY = 4;

function named(name: string, codings: readonly Coding[]): Needle[] {
  const needles = new Map<string, Needle>();
  for (const [coding, bytes] of codings) {
    const key = bytes.toString("latin1");
    const looked = bytes.length >= SHORTEST || bytes.length === ENTRY;
    if (looked && !needles.has(key)) needles.set(key, { name, coding, bytes });
  }
  return [...needles.values()];
}

/** The spellings that recoding or a join could make of a text. */
function spellings(text: string): Map<string, string> {
  const plain = text.trim().replace(/\s+/g, " ");
  const all = [
    ["as it is", text],
    ["trimmed", text.trim()],
    ["collapsed", plain],
    ["lower case", plain.toLowerCase()],
    ["upper case", plain.toUpperCase()],
    ["NFC", plain.normalize("NFC")],
    ["NFD", plain.normalize("NFD")],
    ["case-folded NFC", plain.normalize("NFC").toLowerCase()],
  ] as const;
  const found = new Map<string, string>();
  for (const [spelling, value] of all) if (!found.has(value)) found.set(value, spelling);
  return found;
}

function textCodings(text: string): Coding[] {
  return [...spellings(text)].flatMap(([spelled, spelling]) =>
    plainCodings(spelled, spelling).concat(digestCodings(spelled, spelling)),
  );
}

function plainCodings(text: string, spelling: string): Coding[] {
  const wide = Buffer.from(text, "utf16le");
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const escaped = units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  const html = text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const texts: readonly (readonly [string, string])[] = [
    ["JSON", JSON.stringify(text).slice(1, -1)],
    ["JSON, doubly", JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1)],
    ["\\u escapes", escaped],
    ["\\U escapes", escaped.toUpperCase().replaceAll("\\U", "\\u")],
    ["URL", encodeURIComponent(text)],
    ["HTML", html],
    ["reversed", [...text].reverse().join("")],
  ];
  // Structured clones write text so wherever they can.
  const narrow = units.every((unit) => unit < 256) ? Buffer.from(text, "latin1") : wide;
  return [
    ...byteCodings(Buffer.from(text), `${spelling}, UTF-8`),
    [`${spelling}, Latin-1`, narrow],
    [`${spelling}, UTF-16LE`, wide],
    [`${spelling}, UTF-16BE`, Buffer.from(wide).swap16()],
    ...texts.map(([coding, value]): Coding => [`${spelling}, ${coding}`, Buffer.from(value)]),
  ];
}

function byteCodings(bytes: Buffer, prefix: string): Coding[] {
  const hex = bytes.toString("hex");
  const percent = hex.replace(/../g, "%$&");
  const list = `[${[...bytes].join(",")}]`.slice(1, -1);
  return [
    [prefix, bytes],
    [`${prefix}, hex`, Buffer.from(hex)],
    [`${prefix}, HEX`, Buffer.from(hex.toUpperCase())],
    [`${prefix}, %hex`, Buffer.from(percent)],
    [`${prefix}, %HEX`, Buffer.from(percent.toUpperCase())],
    [`${prefix}, JSON bytes`, Buffer.from(list)],
    ...[0, 1, 2].flatMap((shift): Coding[] => [
      [`${prefix}, base64 +${shift}`, base64Inside(bytes, shift, "base64")],
      [`${prefix}, base64url +${shift}`, base64Inside(bytes, shift, "base64url")],
    ]),
  ];
}

/** The characters that the bytes alone decide where `shift` others (mod 3) stand before them. */
function base64Inside(bytes: Buffer, shift: number, coding: "base64" | "base64url"): Buffer {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString(coding);
  const whole = Math.floor((8 * (shift + bytes.length)) / 6);
  return Buffer.from(text.slice(Math.ceil((8 * shift) / 6), whole));
}

/** A plain digest is undone by trying what there is; the first 64 bits stand for a cut one too. */
function digestCodings(text: string, spelling: string): Coding[] {
  return ["md5", "sha1", "sha256", "sha512"].flatMap((algorithm): Coding[] => {
    const digest = createHash(algorithm).update(text).digest();
    const coding = `${spelling}, ${algorithm}`;
    const hex = digest.toString("hex").slice(0, 16);
    return [
      [coding, digest.subarray(0, 8)],
      [`${coding}, hex`, Buffer.from(hex)],
      [`${coding}, HEX`, Buffer.from(hex.toUpperCase())],
      [`${coding}, base64`, Buffer.from(digest.toString("base64").slice(0, 10))],
      [`${coding}, base64url`, Buffer.from(digest.toString("base64url").slice(0, 10))],
    ];
  });
}

/** As many characters of a number's text as survive rounding it, and no chance finds. */
const DIGITS = 7;

function numberCodings(value: number): Coding[] {
  return [
    ...textCodings(String(value)),
    ["decimal, cut", Buffer.from(String(value).slice(0, DIGITS))],
    ["exponent, cut", Buffer.from(value.toExponential().slice(0, DIGITS + 1))],
    ...floatCodings(value, "number"),
    ...entryCodings("number, float32", (view) => view.setFloat32(0, value, true)),
  ];
}

function timeCodings(text: string): Coding[] {
  const ms = Date.parse(text);
  const seconds = Math.floor(ms / 1000);
  return [
    ...textCodings(text),
    ["day", Buffer.from(text.slice(0, 10))],
    ...textCodings(String(ms)),
    ["seconds, decimal", Buffer.from(String(seconds))],
    ...floatCodings(ms, "milliseconds"),
    ...wholeCodings(ms, "milliseconds"),
    ...entryCodings("seconds, int32", (view) => view.setInt32(0, seconds, true)),
    ...entryCodings("seconds, float32", (view) => view.setFloat32(0, seconds, true)),
  ];
}

function floatCodings(value: number, prefix: string): Coding[] {
  const little = Buffer.alloc(8);
  little.writeDoubleLE(value);
  const big = Buffer.alloc(8);
  big.writeDoubleBE(value);
  return [
    ...byteCodings(little, `${prefix}, float64 LE`),
    ...byteCodings(big, `${prefix}, float64 BE`),
  ];
}

function wholeCodings(value: number, prefix: string): Coding[] {
  const little = Buffer.alloc(8);
  little.writeBigInt64LE(BigInt(value));
  const big = Buffer.alloc(8);
  big.writeBigInt64BE(BigInt(value));
  return [
    [`${prefix}, int64 LE`, little],
    [`${prefix}, int64 BE`, big],
  ];
}

function entryCodings(coding: string, write: (view: DataView) => void): Coding[] {
  const little = Buffer.alloc(ENTRY);
  write(new DataView(little.buffer, little.byteOffset));
  return [
    [`${coding} LE`, little],
    [`${coding} BE`, Buffer.from(little).swap32()],
  ];
}

/** Every needle in every haystack, in one pass over each. */
export class Detector {
  readonly #byStart = new Map<number, Needle[]>();

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      const start = needle.bytes.readUInt32LE(0);
      const alike = this.#byStart.get(start) ?? [];
      this.#byStart.set(start, [...alike, needle]);
    }
  }

  find(haystacks: readonly Haystack[]): Found[] {
    return haystacks.flatMap(({ place, bytes, entries = false }) => {
      const found = new Map<string, Found>();
      for (let at = 0; at + ENTRY <= bytes.length; at++) {
        for (const needle of this.#byStart.get(bytes.readUInt32LE(at)) ?? []) {
          const { name, coding, bytes: wanted } = needle;
          if (wanted.length === ENTRY && !(entries && at % ENTRY === 0)) continue;
          if (!bytes.subarray(at, at + wanted.length).equals(wanted)) continue;
          found.set(`${name}, ${coding}`, { place, name, coding });
        }
      }
      return [...found.values()];
    });
  }
}
