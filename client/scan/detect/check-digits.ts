/** Check digits of cards and of states' numbers, each by the rule that its authority publishes. */

/** A number's digits times weights, summed. */
export function weighted(number: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(number[i]), 0);
}

/** ISO/IEC 7812-1, annex B. */
export function luhn(number: string): boolean {
  let sum = 0;
  for (let i = 0; i < number.length; i++) {
    const digit = Number(number[number.length - 1 - i]) * (i % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** GS1, 13 digits. */
export function ean13(number: string): boolean {
  return weighted(number, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;
}

/** The last digit is 11 less the weighted sum's rest by 11; 11 is written 0, and 10 too where `tenIsZero`. */
export function mod11(number: string, weights: readonly number[], tenIsZero = false): boolean {
  const digit = (11 - (weighted(number, weights) % 11)) % 11;
  return (digit === 10 && tenIsZero ? 0 : digit) === Number(number[weights.length]);
}

/** ISO/IEC 7064, MOD 11,10. */
export function mod1110(number: string): boolean {
  let product = 10;
  for (const digit of number.slice(0, -1)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (2 * sum) % 11;
  }
  return (11 - product) % 10 === Number(number.at(-1));
}

/** Verhoeff 1969: the dihedral group of order 10, and the powers of (0 1 5 8 9 4 2 7)(3 6). */
export function verhoeff(number: string): boolean {
  let sum = 0;
  for (let i = 0; i < number.length; i++) {
    let digit = Number(number[number.length - 1 - i]);
    for (let power = 0; power < i % 8; power++) digit = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4][digit] ?? 0;
    sum = times(sum, digit);
  }
  return sum === 0;
}

/** Rotations are 0 to 4, reflections 5 to 9. */
function times(a: number, b: number): number {
  const turned = a < 5 ? a + b : a - b;
  const rotation = ((turned % 5) + 5) % 5;
  return a < 5 === b < 5 ? rotation : rotation + 5;
}

/** Whether six digits are a year's two, a month and a day. */
export function isDate(year: string, month: string, day: string): boolean {
  const [m, d] = [Number(month), Number(day)];
  return /^\d\d$/.test(year) && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}
