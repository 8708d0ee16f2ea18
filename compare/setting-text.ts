/** A setting as people read it. */
import type { Setting } from "./sweep-points.ts";

/** `privacy.trust=local training.clipNorm=2`; of no keys, nothing. */
export function settingText(setting: Setting): string {
  return Object.entries(setting)
    .map(([key, value]) => `${key}=${valueText(value)}`)
    .join(" ");
}

export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
