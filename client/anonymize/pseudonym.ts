/**
 * Keyed pseudonyms: HMAC-SHA-256 (RFC 2104) of a normalised identifier under a key of the column's
 * own, which HKDF (RFC 5869) derives from the client's master key. Plain or salted digests would be
 * turned back by trying all identifiers there are. Whoever holds the key can tell who is who.
 */
import { createHmac, hkdfSync } from "node:crypto";
import type { ContractColumn } from "../../shared/contract/contract.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { refuseCell, textOf, valueCell, type Where } from "../persons/cells.ts";
import type { Cell } from "../source/table-source.ts";

type DirectIdentifier = Extract<ContractColumn, { role: "directIdentifier" }>;

const KEY_BYTES = 32;
const PSEUDONYM_BYTES = 16;

/** @returns 32 hex digits for a cell; the same for every spelling that the column's rule holds equal */
export type Pseudonymizer = (cell: Cell, where: Where) => string;

/**
 * @param masterKey the client's own, at least 256 bits
 * @param contractHash 32 bytes, public: another contract gives other pseudonyms
 * @throws ScenarioError `weakKey`
 */
export async function pseudonymizer(
  column: DirectIdentifier,
  masterKey: Uint8Array,
  contractHash: Uint8Array,
): Promise<Pseudonymizer> {
  checkMasterKey(masterKey);
  const info = `murmur/anon/v1|${column.name}`;
  const key = new Uint8Array(hkdfSync("sha256", masterKey, contractHash, info, KEY_BYTES));
  const spelled = await identifierSpelling(column);
  return (cell, where) => {
    const digest = createHmac("sha256", key).update(spelled(cell, where)).digest();
    return digest.subarray(0, PSEUDONYM_BYTES).toString("hex");
  };
}

/**
 * @returns the one spelling of all that the column's rule holds equal
 * @throws ScenarioError, the function, for a cell that names nobody
 */
export async function identifierSpelling({
  identifier,
}: Pick<DirectIdentifier, "identifier">): Promise<Pseudonymizer> {
  const spelled = await speller(identifier);
  return (cell, where) => {
    const spelling = spelled(textOf(valueCell(cell, where)).normalize("NFC").trim());
    if (spelling !== "") return spelling;
    return refuseCell("data.missingIdentifier", where, "an empty cell", "an identifier");
  };
}

/** A passphrase is no key, and neither is one byte repeated. @throws ScenarioError `weakKey` */
export function checkMasterKey(key: Uint8Array): void {
  const repeated = key.every((byte) => byte === key[0]);
  if (key.length >= KEY_BYTES && !repeated) return;
  throw new ScenarioError({
    what: "weakKey",
    where: "the master key of pseudonyms",
    got: repeated && key.length >= KEY_BYTES ? "one byte, repeated" : `${8 * key.length} bits`,
    expected: "at least 256 random bits",
    fix: "Draw one: head -c 32 /dev/urandom | base64",
  });
}

/** E-mail domains have no case; a telephone number is read as a person would dial it abroad. */
async function speller(
  identifier: DirectIdentifier["identifier"],
): Promise<(text: string) => string> {
  switch (identifier) {
    case "text":
      return (text) => text;
    case "email":
      return (text) => {
        const at = text.lastIndexOf("@");
        return at < 0 ? text : text.slice(0, at) + text.slice(at).toLowerCase();
      };
    case "phone": {
      const { parsePhoneNumberFromString } = await import("libphonenumber-js/min");
      return (text) => parsePhoneNumberFromString(text)?.number ?? text.replace(/[^0-9+]/g, "");
    }
  }
}
