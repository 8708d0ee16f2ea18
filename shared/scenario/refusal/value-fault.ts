/** A value of another kind than its key's: what it is, and how to write what was most likely meant. */
import { hasDecimalComma, NUMBER } from "../../number-text.ts";
import { toldAt } from "../../record.ts";
import { requiredKey } from "./key-help.ts";

/** As `Problem` has them. */
interface ValueFault {
  readonly got: unknown;
  readonly expected: string;
  readonly fix: string;
}

const MEANS: Readonly<Record<string, boolean>> = {
  ...{ yes: true, y: true, on: true, true: true },
  ...{ no: false, n: false, off: false, false: false },
};
const CORRECT = "Correct it in the file or with --set.";

/**
 * @param path from the top; empty: the whole scenario
 * @param value undefined: nothing is there
 * @param expected of the key, in words
 */
export function valueFault(path: readonly string[], value: unknown, expected: string): ValueFault {
  const key = path.at(-1);
  if (key === undefined) return notAScenario(value, expected);
  if (value === undefined) return missing(path, expected);
  if (value === null)
    return { got: "nothing behind its colon", expected, fix: "Write a value there." };
  return { got: toldAt(value, []), expected, fix: CORRECT, ...likelyMeant(key, value, expected) };
}

function likelyMeant(key: string, value: unknown, expected: string): Partial<ValueFault> {
  if (typeof value !== "string") return {};
  const text = `text, "${value}"`;
  if (/\bnumber\b/.test(expected) && NUMBER.test(value))
    return { got: text, fix: `Write it without quotes: ${key}: ${value}.` };
  if (/\bnumber\b/.test(expected) && hasDecimalComma(value))
    return { got: text, fix: `Write it with a point: ${key}: ${value.trim().replace(",", ".")}.` };
  const word = value.toLowerCase();
  if (expected === "true or false" && Object.hasOwn(MEANS, word))
    return { got: text, fix: `Write ${key}: ${MEANS[word]}.` };
  return {};
}

function missing(path: readonly string[], expected: string): ValueFault {
  const help = requiredKey(path);
  const fix = help ? `Write ${help.write}.` : `Add ${path.at(-1)}.`;
  return { got: "nothing", expected: help?.is ?? expected, fix };
}

/** It may be a table, of which no cell is shown. */
function notAScenario(value: unknown, expected: string): ValueFault {
  const got =
    value === null || value === undefined
      ? "an empty file"
      : Array.isArray(value)
        ? "a list"
        : "text without a key";
  const fix = "Name a scenario; murmur init DIR --from TABLE writes one for a table.";
  return { got, expected, fix };
}
