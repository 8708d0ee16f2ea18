/** How much a test tries: enough in CI to find what it is there to find, more in `npm run test:long` and under mutants. */
const IS_LONG = process.env.MURMUR_EFFORT === "long";

export function effort<T>(usual: T, long: T): T {
  return IS_LONG ? long : usual;
}
