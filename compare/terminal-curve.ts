/** Accuracy against ε on a terminal: a line for each ε, its interval, the baselines. Pure. */
import { epsilonText } from "../shared/epsilon-text.ts";
import type { Curve, CurvePoint } from "./curve.ts";
import { settingText } from "./setting-text.ts";

const WIDTH = 48;
/** Of the axis, at least: a curve that is flat is to look flat. */
const LEAST_SPAN = 0.05;

interface Marks {
  readonly mean: string;
  readonly bar: string;
  readonly low: string;
  readonly high: string;
  readonly majority: string;
  readonly twin: string;
  readonly plusMinus: string;
  readonly epsilon: string;
}
const UNICODE: Marks = {
  ...{ mean: "●", bar: "─", low: "├", high: "┤", majority: "┊", twin: "│" },
  ...{ plusMinus: "±", epsilon: "ε" },
};
const ASCII: Marks = {
  ...{ mean: "o", bar: "-", low: "[", high: "]", majority: ":", twin: "|" },
  ...{ plusMinus: "+-", epsilon: "eps" },
};

/** @param plain ASCII alone */
export function terminalCurve(curves: readonly Curve[], plain: boolean): string[] {
  const marks = plain ? ASCII : UNICODE;
  const axis = axisOf(curves);
  const column = (share: number) =>
    Math.round(((share - axis.low) / (axis.high - axis.low)) * (WIDTH - 1));
  const lines = curves.flatMap((curve) => [
    ...(settingText(curve.setting) === "" ? [] : [`    ${settingText(curve.setting)}`]),
    ...curve.points.map((point) => pointLine(curve, point, column, marks)),
    ...(curve.twin ? [pointLine(curve, curve.twin, column, marks)] : []),
  ]);
  const [low, high] = [percent(axis.low), percent(axis.high)];
  const ticks = `${low} %${`${high} %`.padStart(WIDTH - low.length - 2)}`;
  const legend = `${marks.mean} mean, ${marks.low}${marks.bar}${marks.high} 95 % (Student's t over seeds), ${marks.twin} without noise, ${marks.majority} largest class`;
  return [...lines, `${" ".repeat(17)}${ticks}`, `    ${legend}`];
}

function pointLine(
  curve: Curve,
  { epsilon, accuracy }: CurvePoint,
  column: (share: number) => number,
  marks: Marks,
): string {
  const cells = new Array<string>(WIDTH).fill(" ");
  const put = (share: number, mark: string) => {
    cells[Math.min(WIDTH - 1, Math.max(0, column(share)))] = mark;
  };
  put(curve.majority, marks.majority);
  if (curve.twin) put(curve.twin.accuracy.mean, marks.twin);
  const { mean, interval, n } = accuracy;
  if (interval) {
    for (let at = column(interval[0]) + 1; at < column(interval[1]); at++)
      if (at >= 0 && at < WIDTH) cells[at] = marks.bar;
    put(interval[0], marks.low);
    put(interval[1], marks.high);
  }
  put(mean, marks.mean);
  const spent = epsilon.modelRecipients;
  const head = spent === null ? "no noise" : `${marks.epsilon} ${epsilonText(spent)}`;
  const half = interval ? ` ${marks.plusMinus} ${percent((interval[1] - interval[0]) / 2)}` : "";
  return `    ${head.padEnd(12)} ${cells.join("")} ${percent(mean)}${half} (${n})`;
}

/** From the lowest of all marks to the highest, inside what an accuracy can be. */
function axisOf(curves: readonly Curve[]): { readonly low: number; readonly high: number } {
  const shares = curves.flatMap(({ points, twin, majority }) => [
    majority,
    ...[...points, ...(twin ? [twin] : [])].flatMap(({ accuracy: { mean, interval } }) => [
      mean,
      ...(interval ?? []),
    ]),
  ]);
  const low = Math.max(0, Math.min(...shares));
  const high = Math.min(1, Math.max(...shares));
  const missing = Math.max(0, LEAST_SPAN - (high - low)) / 2;
  return { low: low - missing, high: high + missing };
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
