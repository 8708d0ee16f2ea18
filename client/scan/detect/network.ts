/**
 * Addresses of machines: IPv4 (RFC 791), IPv6 (RFC 4291), MAC (IEEE 802, EUI-48) and UUIDs
 * (RFC 9562). Node's own parser decides what is an IP address; dotted versions are none.
 */
import { isIPv4, isIPv6 } from "node:net";
import { contextWords, follows } from "../words/context-words.ts";
import type { Span } from "./finding.ts";

const DOTTED =
  /(?<![\p{L}\p{N}_]|\d\.|[a-z]-)\d{1,3}(?:\.\d{1,3}){3}(?![\p{L}\p{N}_]|\.\d|[+-][a-z])/giu;
const VERSION_WORDS = contextWords(
  "v|ver|vers|version|versions|versión|versão|versione|versie|firmware|fw|release|build|rev|revision|software|sw|driver|" +
    "kernel|patch|update|upgrade|updated|upgraded|downgraded|section|sections|chapter|clause|§|oid|app|sdk|api|os|ios|android|bios|hotfix",
);
const AFTER_VERSION = /^ (?:release|build|version|firmware|beta|update|patch)/i;
const ADDRESS_WORDS = contextWords(
  "ip|ips|ipv4|ip address|address|host|client|server|src|dst|source|peer|login from|from|dns|nameserver|gateway|router|proxy|vpn|node|ping|ssh",
);

export function ipv4Addresses(text: string, expected: boolean): readonly Span[] {
  const found: Span[] = [];
  for (const { 0: all, index } of text.matchAll(DOTTED)) {
    if (!isIPv4(all) || !isOfMachine(all) || follows(text, index, VERSION_WORDS)) continue;
    if (AFTER_VERSION.test(text.slice(index + all.length, index + all.length + 12))) continue;
    const sure = expected || follows(text, index, ADDRESS_WORDS);
    if (!sure && isVersionOf(text, index, all)) continue;
    found.push({ start: index, end: index + all.length, sure });
  }
  return found;
}

/** "Safari 17.2.1.0": behind a name, small parts are a version's; 10/8 are a network's. */
function isVersionOf(text: string, start: number, dotted: string): boolean {
  const parts = dotted.split(".").map(Number);
  if (parts[0] === 10 || parts.some((part) => part > MOST_OF_VERSION)) return false;
  return /(?<![\p{L}\p{N}])\p{Lu}\p{L}*\p{Ll}\p{L}* $/u.test(
    text.slice(Math.max(0, start - 24), start),
  );
}

const MOST_OF_VERSION = 40;

/** RFC 6890: 0/8 and 127/8 are the machine itself, 240/4 is reserved and holds masks. */
function isOfMachine(address: string): boolean {
  const first = Number(address.slice(0, address.indexOf(".")));
  return first > 0 && first !== 127 && first < 240;
}

const COLONS =
  /(?<![\p{L}\p{N}_:.])(?:[\da-f]{1,4}|:)(?::[\da-f]{0,4}){2,8}(?:\.\d{1,3}){0,3}(?![\p{L}\p{N}_:])/giu;
/** What addresses in use begin with: global, unique local, link local, multicast, mapped IPv4. */
const IN_USE = /^(?:[\da-f]{3,4}:|64:ff9b:|::ffff:)/i;

export function ipv6Addresses(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const { 0: all, index } of text.matchAll(COLONS)) {
    // A colon that ends a clause is no part of it.
    const address = all.endsWith(":") && !all.endsWith("::") ? all.slice(0, -1) : all;
    if (!isIPv6(address) || !isUsed(address)) continue;
    found.push({ start: index, end: index + address.length, sure: true });
  }
  return found;
}

/** face::add may be an address and is a name in a program; eight pairs are an EUI-64. */
function isUsed(address: string): boolean {
  if (address.includes("::")) return IN_USE.test(address) && /\d/.test(address);
  return !/^[\da-f]{2}(?::[\da-f]{2}){7}$/i.test(address);
}

const MAC =
  /(?<![\p{L}\p{N}_]|[\da-f][:.-])(?:[\da-f]{2}([:-])[\da-f]{2}(?:\1[\da-f]{2}){4}|[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4})(?![\p{L}\p{N}_]|[:.-][\da-f])/giu;
const TWELVE = /(?<![\p{L}\p{N}])[\da-f]{12}(?![\p{L}\p{N}])/giu;
/** No machine's: none and all. */
const NO_MACHINE = /^(?:0+|f+)$/i;

/** Without separators only where the header says so. */
export function macAddresses(text: string, expected: boolean): readonly Span[] {
  const found: Span[] = [];
  for (const pattern of expected ? [MAC, TWELVE] : [MAC])
    for (const { 0: all, index } of text.matchAll(pattern)) {
      const digits = all.replace(/[:.-]/g, "");
      // Six pairs of decimal digits with dashes are more often a date and time.
      const decimal = /^\d+$/.test(digits) && !all.includes(":") && !expected;
      if (!decimal && !NO_MACHINE.test(digits))
        found.push({ start: index, end: index + all.length, sure: true });
    }
  return found;
}

const UUID =
  /(?<![\p{L}\p{N}]|[\da-f]-)[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\p{L}\p{N}]|-[\da-f])/giu;

export function uuids(text: string): readonly Span[] {
  return [...text.matchAll(UUID)].map(({ 0: all, index }) => {
    return { start: index, end: index + all.length, sure: true };
  });
}
