/** A run's accuracy by round as one line: what a curve of many runs is to a sweep. */
import { epsilonText } from "../../shared/epsilon-text.ts";
import type { RoundTrace } from "../../shared/events/trace.ts";

const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
/** More columns say no more. */
const WIDTH = 40;
/** Of the scale, at least: a model that learns nothing is to look flat. */
const LEAST_SPAN = 0.1;

/**
 * Empty where no round was evaluated.
 *
 * @param start held-out accuracy of the initial model
 */
export function roundCurve(start: number, rounds: readonly RoundTrace[]): string[] {
  const evaluated = rounds.flatMap(({ accuracy, epsilon }) =>
    accuracy === null ? [] : [{ accuracy, epsilon: epsilon.modelRecipients }],
  );
  const last = evaluated.at(-1);
  if (last === undefined) return [];
  const all = [start, ...evaluated.map(({ accuracy }) => accuracy)];
  // The last of each stretch, so that the line ends where the run does.
  const columns = Math.min(WIDTH, all.length);
  const shown = Array.from(
    { length: columns },
    (_, i) => all[Math.ceil(((i + 1) * all.length) / columns) - 1] ?? start,
  );
  const high = Math.max(...shown);
  const low = Math.min(...shown, high - LEAST_SPAN);
  const bars = shown.map((accuracy) => {
    const step = Math.round(((accuracy - low) / (high - low)) * (BARS.length - 1));
    return BARS[step] ?? BARS[0];
  });
  const over =
    last.epsilon === null ? "without a bound" : `as ε goes to ${epsilonText(last.epsilon)}`;
  return [`    accuracy ${start.toFixed(3)} ${bars.join("")} ${last.accuracy.toFixed(3)}, ${over}`];
}
