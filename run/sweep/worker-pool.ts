/** IO: a fixed number of processes that carry out orders, each one after another. */
import { type ChildProcess, fork } from "node:child_process";
import { TIMING } from "../../shared/timing.ts";

/** An order's answer; or how the process ended that had it. */
export type Answered<Answer> =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "ended"; readonly how: string };

/**
 * Carries out all orders, the first ones first, until none is left or `signal` is aborted; then lets go of
 * the processes, which break off what they do, and resolves when they have ended. One that ends over an
 * order is followed by another.
 *
 * @param program started at most `size` times at once
 * @param done called with each order that was not broken off
 */
export async function carryOut<Order extends object, Answer>(
  program: string,
  size: number,
  orders: Iterable<Order>,
  done: (order: Order, answered: Answered<Answer>) => void,
  signal: AbortSignal,
): Promise<void> {
  const left = orders[Symbol.iterator]();
  const serve = async () => {
    let child: ChildProcess | undefined;
    try {
      for (let next = take(left, signal); next; next = take(left, signal)) {
        child ??= start(program);
        const answered = await ask<Answer>(child, next, signal);
        if (signal.aborted) return;
        done(next, answered);
        if (answered.kind === "ended") child = undefined;
      }
    } finally {
      if (child) await end(child);
    }
  };
  await Promise.all(Array.from({ length: size }, serve));
}

function take<Order>(left: Iterator<Order>, signal: AbortSignal): Order | undefined {
  if (signal.aborted) return undefined;
  const next = left.next();
  return next.done ? undefined : next.value;
}

function start(program: string): ChildProcess {
  const child = fork(program, [], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  // Of one that cannot be reached any more, its exit tells.
  child.on("error", () => {});
  return child;
}

function ask<Answer>(
  child: ChildProcess,
  order: object,
  signal: AbortSignal,
): Promise<Answered<Answer>> {
  return new Promise((resolve) => {
    const settle = (answered: Answered<Answer>) => {
      child.off("message", onAnswer);
      child.off("exit", onExit);
      signal.removeEventListener("abort", onAbort);
      resolve(answered);
    };
    const onAnswer = (answer: Answer) => settle({ kind: "answer", answer });
    const onExit = (code: number | null, killed: string | null) =>
      settle({ kind: "ended", how: killed ?? `exit code ${code}` });
    const onAbort = () => settle({ kind: "ended", how: "interrupted" });
    child.on("message", onAnswer);
    child.once("exit", onExit);
    signal.addEventListener("abort", onAbort);
    child.send(order, (error) => {
      if (error) settle({ kind: "ended", how: error.message });
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const kill = setTimeout(() => child.kill("SIGKILL"), TIMING.closeMs);
  if (child.connected) child.disconnect();
  await ended;
  clearTimeout(kill);
}
