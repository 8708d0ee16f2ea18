/**
 * The three ways Murmur refuses to go on; anything else that is thrown is a bug in Murmur.
 *
 * - ScenarioError: a person's input cannot run. Mend the file or the flag.
 * - ProtocolError: a peer broke the protocol. The peer or the round is dropped, the run goes on.
 * - BudgetError: going on would spend privacy that the plan does not have. The run stops.
 */

/** The five facts that every refusal states. */
export interface Problem {
  /** The quantity at fault, by its glossary name ("clipNorm") or protocol code ("frame.crc"). */
  readonly what: string;
  /** Where it came from: "purchases.yaml, training.clipNorm", "client 17, round 3". */
  readonly where: string;
  /** What was there instead. Never a record, an update or a seed. */
  readonly got: unknown;
  readonly expected: string;
  /** One imperative sentence that mends it. */
  readonly fix: string;
}

abstract class Refusal extends Error {
  readonly problem: Problem;
  constructor(problem: Problem, options?: ErrorOptions) {
    super(describe(problem), options);
    this.problem = problem;
  }
}

export class ScenarioError extends Refusal {
  override readonly name = "ScenarioError";
}

export class ProtocolError extends Refusal {
  override readonly name = "ProtocolError";
}

export class BudgetError extends Refusal {
  override readonly name = "BudgetError";
}

/** True for a refusal, whose message is all a person needs; false for a bug, which needs its stack. */
export function isRefusal(error: unknown): error is ScenarioError | ProtocolError | BudgetError {
  return error instanceof Refusal;
}

function describe({ what, where, got, expected, fix }: Problem): string {
  return printable(`${what} (${where}): got ${shown(got)}, expected ${expected}. ${fix}`);
}

const LONGEST_SHOWN = 80;
// C0 and C1 controls and the bidirectional overrides could rewrite the terminal they are shown on.
const CONTROLS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** Text as a terminal may show it: controls, which could rewrite the screen, escaped. */
export function printable(text: string): string {
  return text.replace(
    CONTROLS,
    (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** A value as a message may show it: one line, short. */
export function shown(value: unknown): string {
  const escaped = printable(textOf(value));
  return escaped.length > LONGEST_SHOWN ? `${escaped.slice(0, LONGEST_SHOWN - 1)}…` : escaped;
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "something else"; // a peer's or a file's object, which brings a toString of its own
  }
}

/** What a caught error says of itself, for the `got` of the refusal that it becomes. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Of a bug, for whoever mends it. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
