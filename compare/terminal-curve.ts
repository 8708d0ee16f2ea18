/** Accuracy against ε on a terminal: a line for each ε, its interval, the baselines. Pure. */
import { type Curve, type CurvePoint, isBaseline } from "./curve.ts";
import { settingText, spentText } from "./setting-text.ts";

const WIDTH = 48;
/** Of what stands before each line, at least. */
const LEAST_HEAD = 12;
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
  readonly infinity: string;
}
const UNICODE: Marks = {
  ...{ mean: "●", bar: "─", low: "├", high: "┤", majority: "┊", twin: "│" },
  ...{ plusMinus: "±", epsilon: "ε", infinity: "∞" },
};
const ASCII: Marks = {
  ...{ mean: "o", bar: "-", low: "[", high: "]", majority: ":", twin: "|" },
  ...{ plusMinus: "+-", epsilon: "eps", infinity: "inf" },
};

/** @param plain ASCII alone */
export function terminalCurve(curves: readonly Curve[], plain: boolean): string[] {
  const marks = plain ? ASCII : UNICODE;
  const axis = axisOf(curves);
  const column = (share: number) =>
    Math.round(((share - axis.low) / (axis.high - axis.low)) * (WIDTH - 1));
  const longest = Math.max(
    LEAST_HEAD,
    ...curves.flatMap(pointsOf).map((point) => headOf(point, marks).length),
  );
  const lines = curves.flatMap((curve) => [
    ...(settingText(curve.setting) === "" ? [] : [`    ${settingText(curve.setting)}`]),
    ...pointsOf(curve).map(
      (point) =>
        `    ${headOf(point, marks).padEnd(longest)} ${pointLine(curve, point, column, marks)}`,
    ),
  ]);
  const [low, high] = [percent(axis.low), percent(axis.high)];
  const ticks = `${low} %${`${high} %`.padStart(WIDTH - low.length - 2)}`;
  const drawn = curves.flatMap(pointsOf);
  const spread = drawn.some(({ accuracy }) => accuracy.interval !== null)
    ? `${marks.low}${marks.bar}${marks.high} 95 % (Student's t over seeds)`
    : "no interval";
  const legend = `${marks.mean} mean, ${spread}, ${marks.twin} without noise (clipping kept), ${marks.majority} ${curves.some(({ measure }) => measure) ? "their mean" : "largest class"}`;
  return [...lines, `${" ".repeat(longest + 5)}${ticks}`, `    ${legend}`];
}

/** The twin last. */
function pointsOf({ points, twin }: Curve): CurvePoint[] {
  return twin ? [...points, twin] : [...points];
}

function headOf(point: CurvePoint, marks: Marks): string {
  if (isBaseline(point)) return "no noise";
  const spent = spentText(point.epsilon.modelRecipients, point.anonymized);
  return `${marks.epsilon} ${spent.replace("∞", marks.infinity)}`;
}

function pointLine(
  curve: Curve,
  { accuracy }: CurvePoint,
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
  const half = interval ? ` ${marks.plusMinus} ${percent((interval[1] - interval[0]) / 2)}` : "";
  return `${cells.join("")} ${percent(mean)}${half} (${n})`;
}

/** From the lowest of all marks to the highest, inside what an accuracy can be. */
function axisOf(curves: readonly Curve[]): { readonly low: number; readonly high: number } {
  const shares = curves.flatMap((curve) => [
    curve.majority,
    ...pointsOf(curve).flatMap(({ accuracy: { mean, interval } }) => [mean, ...(interval ?? [])]),
  ]);
  const low = Math.max(0, Math.min(...shares));
  const high = Math.min(1, Math.max(...shares));
  const missing = Math.max(0, LEAST_SPAN - (high - low)) / 2;
  return { low: low - missing, high: high + missing };
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
