/** A setting, and what it spent, as people read it. */
import { epsilonText } from "../shared/epsilon-text.ts";
import type { Setting } from "./sweep-points.ts";

/** `privacy.trust=local training.clipNorm=2`; of no keys, nothing. */
export function settingText(setting: Setting): string {
  return Object.entries(setting)
    .map(([key, value]) => `${key}=${valueText(value)}`)
    .join(" ");
}

/** The same by the last parts of the keys: `trust=local`; whole where two keys end alike. */
export function shortSettingText(setting: Setting): string {
  const short = Object.entries(setting).map(([key, value]) => [key.split(".").at(-1), value]);
  const shortened = Object.fromEntries(short);
  return settingText(Object.keys(shortened).length === short.length ? shortened : setting);
}

export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `0.500`; where the raw table has no ε, what else there is: `∞ (anonymized 0.500)`. */
export function spentText(raw: number | null, anonymized: number | null): string {
  if (raw !== null || anonymized === null) return epsilonText(raw);
  return `${epsilonText(raw)} (anonymized ${epsilonText(anonymized)})`;
}
