/** How a number may be spelled, in a cell and in a scenario. */

export const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

const DECIMAL_COMMA = /^\s*[+-]?\d+,\d+(?:e[+-]?\d+)?\s*$/i;

/** As most of Europe and Latin America writes it: 3,5 for three and a half. */
export function hasDecimalComma(text: string): boolean {
  return DECIMAL_COMMA.test(text);
}
