/** What a command line got wrong, in the words of the one who typed it: a scenario's key taken for a flag. */
import { calledHere } from "../../shared/scenario/refusal/key-help.ts";
import { placesOf } from "../../shared/scenario/refusal/known-keys.ts";
import { scenarioSchema } from "../../shared/scenario/schema.ts";

/**
 * Commander's account of an unknown flag, with the scenario's key of that name in the place of a flag that is spelled
 * a little like it.
 *
 * @param said "error: unknown option '--epsilon'", then its hints, a line each
 * @param args as typed
 */
export function explainFlag(said: string, args: readonly string[]): string {
  const flag = /unknown option '(--[^'=]+)/.exec(said)?.[1];
  const keys = flag === undefined ? [] : keysOf(flag.slice(2));
  if (flag === undefined || keys.length === 0) return said;
  const value = typedValue(flag, args) ?? "VALUE";
  const named = keys.map((key) => `--set ${key}=${value}`).join(", or ");
  const [error, ...hints] = said.split("\n");
  const others = hints.filter((line) => !line.startsWith("(Did you mean"));
  return [error, `(A key of the scenario, which --set changes: ${named})`, ...others].join("\n");
}

/** Dotted paths of the scenario's keys that a flag may mean. */
function keysOf(name: string): readonly string[] {
  const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const called = calledHere(name);
  if (called !== undefined) return [called];
  if (name.includes(".")) return [name];
  const places = placesOf(camel, scenarioSchema);
  const shallowest = Math.min(...places.map(({ length }) => length));
  return places.filter(({ length }) => length === shallowest).map((place) => place.join("."));
}

function typedValue(flag: string, args: readonly string[]): string | undefined {
  const joined = args.find((arg) => arg.startsWith(`${flag}=`));
  if (joined !== undefined) return joined.slice(flag.length + 1);
  const next = args[args.indexOf(flag) + 1];
  return next === undefined || next.startsWith("-") ? undefined : next;
}
