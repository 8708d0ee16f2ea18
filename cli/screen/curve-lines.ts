/** Curves of a sweep in words: the picture, what is enough ε, what choosing among the runs costs. */
import type { Curve } from "../../compare/curve.ts";
import { terminalCurve } from "../../compare/terminal-curve.ts";
import { costSentences, type PrivatePrice, priceSentences } from "../../run/sweep/findings.ts";

/** Empty where nothing has finished. @param caption what the ε are of */
export function curveLines(curves: readonly Curve[], caption: readonly string[]): string[] {
  if (curves.length === 0) return [];
  return [
    "",
    `Held-out ${curves[0]?.measure ?? "accuracy"}, %, against ε spent: to whoever gets the model (seeds)`,
    ...terminalCurve(curves, process.env.NO_COLOR !== undefined),
    ...[...caption, ...costSentences(curves)].map(indented),
  ];
}

/** @param price null: no private row was read */
export function compositionLines(price: PrivatePrice | null): string[] {
  return priceSentences(price).map(indented);
}

const indented = (line: string) => `    ${line}`;
