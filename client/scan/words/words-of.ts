/** A text's words, lower case: a quick look whether it holds any of some, before a pattern is tried. */

const WHOLE_ASCII = 128;

/**
 * True once `asked` is, for one of the text's words: runs of letters, lower case. The time is linear
 * and small beside that of any pattern, so it is what most cells end with.
 */
export function someWord(text: string, asked: (word: string) => boolean): boolean {
  const lower = text.toLowerCase();
  let start = -1;
  for (let i = 0; i <= lower.length; i++) {
    if (i < lower.length && isLetter(lower.charCodeAt(i))) {
      if (start < 0) start = i;
    } else if (start >= 0) {
      if (asked(lower.slice(start, i))) return true;
      start = -1;
    }
  }
  return false;
}

/** Beyond ASCII more than letters pass: what is asked then is a longer word, in no list. */
function isLetter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) || (code >= WHOLE_ASCII && code !== 160 && !isPunctuation(code))
  );
}

/** Latin-1's signs, and the general punctuation and ideographic marks that stand between words. */
function isPunctuation(code: number): boolean {
  return (
    (code < 192 && code !== 170 && code !== 186) ||
    (code >= 0x2000 && code <= 0x206f) ||
    (code >= 0x3000 && code <= 0x3004)
  );
}

/** The single words of a pattern's alternatives: "p\\.? ?o\\.? ?box" has p, o and box. */
export function wordsIn(alternatives: string): string[] {
  return alternatives.toLowerCase().match(/\p{L}[\p{L}\p{M}]*/gu) ?? [];
}
