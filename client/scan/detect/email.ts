/**
 * E-mail addresses (RFC 5322 dot-atoms and quoted strings, RFC 6531 for other scripts): found from
 * each @ outwards, so that the time is linear in the text.
 */
import type { Span } from "./finding.ts";

const LONGEST_LOCAL = 64;
const LONGEST_DOMAIN = 253;
const LOCAL = /(?:"[^"\\]{1,62}"|[\p{L}\p{M}\p{N}!#$%&'*+\-^_`{|}~.]+)$/u;
const DOMAIN = /[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+/uy;
const LITERAL = /\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[\da-fA-F:.]{2,45})\]/y;
const LAST_LABEL = /^(?:[\p{L}\p{M}]{2,63}|xn--[a-z\d-]{2,59})$/iu;
/** File endings that no top-level domain has: icon@2x.png. */
const FILE =
  /^(?:png|jpe?g|gif|svg|webp|avif|ico|bmp|tiff?|heic|css|scss|less|m?js|jsx?|tsx?|json|html?|xml|txt|csv|pdf|gz|exe|dll|jar|class)$/i;
const VERSION = /^v?\d+\.\d+\.\d+/;

export function emails(text: string): readonly Span[] {
  const found: Span[] = [];
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const start = localStart(text, at);
    const end = start === at ? at : domainEnd(text, at + 1);
    if (end > at + 1 && !isUserOfAddress(text, start, end)) found.push({ start, end, sure: true });
  }
  return /[[({] ?at ?[\])}]/i.test(text) ? [...found, ...spelledOut(text)] : found;
}

/** Where the part before the @ begins; `at` if there is none. */
function localStart(text: string, at: number): number {
  const from = Math.max(0, at - LONGEST_LOCAL - 1);
  const [all] = LOCAL.exec(text.slice(from, at)) ?? [""];
  const local = all.replace(/^['`.*|{]+/, "");
  const start = at - local.length;
  // "@scope/name@1.2" and "@user@server" are no mailboxes.
  if (local.endsWith(".") || local.length > LONGEST_LOCAL || text[start - 1] === "@") return at;
  return start;
}

/** Where the domain that begins at `from` ends; `from` if there is none. */
function domainEnd(text: string, from: number): number {
  LITERAL.lastIndex = from;
  if (LITERAL.test(text)) return LITERAL.lastIndex;
  const part = text.slice(from, from + LONGEST_DOMAIN);
  DOMAIN.lastIndex = 0;
  const [domain = ""] = DOMAIN.exec(part) ?? [];
  const labels = domain.split(".");
  const last = labels.at(-1) ?? "";
  const sound = labels.every((label) => label.length < 64 && !/^-|-$/.test(label));
  if (!sound || !LAST_LABEL.test(last) || FILE.test(last) || VERSION.test(domain)) return from;
  return text[from + domain.length] === "@" ? from : from + domain.length;
}

/** scheme://user@host and git@host:path name a login at a machine. */
function isUserOfAddress(text: string, start: number, end: number): boolean {
  if (/^:[\w~.-]{1,64}\//.test(text.slice(end, end + 70))) return true;
  return /[a-z]:\/\/[^\s/?#@]{0,64}$/i.test(text.slice(Math.max(0, start - 70), start));
}

const SPELLED =
  /[\p{L}\p{N}][\p{L}\p{N}._%+-]{0,63} ?[[({] ?at ?[\])}] ?[\p{L}\p{N}-]{1,63}(?: ?[[({] ?dot ?[\])}] ?|\.)[\p{L}\p{N}-]{2,63}/giu;

/** jane [at] example [dot] com */
function spelledOut(text: string): Span[] {
  return [...text.matchAll(SPELLED)].map(({ 0: all, index }) => {
    return { start: index, end: index + all.length, sure: true };
  });
}
