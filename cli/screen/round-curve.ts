/** A run's accuracy, or R², by round as one line: what a curve of many runs is to a sweep. */
import { epsilonText } from "../../shared/epsilon-text.ts";
import type { RoundTrace, StartTrace } from "../../shared/events/trace.ts";

const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
/** More columns say no more. */
const WIDTH = 40;
/** Of the scale, at least: a model that learns nothing is to look flat. */
const LEAST_SPAN = 0.1;

/**
 * Empty where no round was evaluated.
 *
 * @param initial held-out figures of the initial model
 */
export function roundCurve(initial: StartTrace, rounds: readonly RoundTrace[]): string[] {
  const start = shareOf(initial);
  const evaluated = rounds.flatMap((round) => {
    const share = shareOf(round);
    return share === null ? [] : [{ share, epsilon: round.epsilon.modelRecipients }];
  });
  const last = evaluated.at(-1);
  if (last === undefined || start === null) return [];
  const all = [start, ...evaluated.map(({ share }) => share)];
  // The last of each stretch, so that the line ends where the run does.
  const columns = Math.min(WIDTH, all.length);
  const shown = Array.from(
    { length: columns },
    (_, i) => all[Math.ceil(((i + 1) * all.length) / columns) - 1] ?? start,
  );
  const high = Math.max(...shown);
  const low = Math.min(...shown, high - LEAST_SPAN);
  const bars = shown.map((share) => {
    const step = Math.round(((share - low) / (high - low)) * (BARS.length - 1));
    return BARS[step] ?? BARS[0];
  });
  const over =
    last.epsilon === null ? "without a bound" : `as ε goes to ${epsilonText(last.epsilon)}`;
  const measure = initial.accuracy === null ? "R²" : "accuracy";
  return [`    ${measure} ${start.toFixed(3)} ${bars.join("")} ${last.share.toFixed(3)}, ${over}`];
}

/** null where it was not evaluated, or the held-out rows are all of one number. */
function shareOf({ accuracy, errors }: Pick<RoundTrace, "accuracy" | "errors">): number | null {
  return accuracy ?? errors?.r2 ?? null;
}
