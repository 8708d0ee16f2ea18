/**
 * Words that stand before a value and say what it is ("phone: …", "né le …"). Only connecting words
 * may lie between, so that "birthday sale 5 May" says nothing of the date.
 */

/** Characters before a value that are looked at; longer than any phrase and its connectors. */
const REACH = 56;

const CONNECTORS =
  "is|are|was|no|nr|num|number|numbers|numero|número|numéro|nummer|n|on|at|to|me|us|them|him|her|back|" +
  "am|den|le|la|el|il|em|der|the|a|au|or|my|date|day|mm|dd|yyyy|yy|jj|aaaa|tt|jjjj|dia|dnia|dne|" +
  "home|work|new|old|his|their|your|our|us|uk|val|value|file|record|records|passport|chart|stated|listed|shown|confirmed|verified|laut|ausweis|selon|nie|de|del|di|op|od|al|ao|auf|unter|under|via|at|sur|au|al|por|per|на|по|под|w|pod|given|as|was|it|ist|lautet|es|é|est|è";

/**
 * Whether what comes before `start` ends in one of the words and nothing but connectors.
 *
 * @param words made by {@link contextWords}
 */
export function follows(text: string, start: number, words: RegExp): boolean {
  return words.test(text.slice(Math.max(0, start - REACH), start));
}

/** @param alternatives words as a regular expression's alternatives */
export function contextWords(alternatives: string): RegExp {
  // Connectors take one separator or one whole word at a time: no two ways to read the same text.
  return new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${alternatives})(?![\\p{L}\\p{N}])` +
      `(?:[^\\p{L}\\p{N};!?]|(?<![\\p{L}\\p{N}])(?:${CONNECTORS})(?![\\p{L}\\p{N}])){0,32}$`,
    "iu",
  );
}
