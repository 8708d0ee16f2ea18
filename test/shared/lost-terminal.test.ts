/** How a process ends whose terminal is gone: real ones need a terminal to close, so the streams are made up. */
import { afterEach, expect, it, vi } from "vitest";
import { endWithoutTerminal } from "../../shared/lost-terminal.ts";

const before = process.listeners("exit");
/** What was added since, run once as at the end of a process. */
function exit(): void {
  for (const listener of process.listeners("exit")) {
    if (before.includes(listener)) continue;
    process.off("exit", listener);
    listener.call(process, 0);
  }
}
afterEach(exit);

it.each([
  { terminals: [0, 1, 2], left: [0, 1], ends: 1 },
  { terminals: [2], left: [], ends: 1 },
  { terminals: [0, 1, 2], left: [0, 1, 2], ends: 0 },
  { terminals: [], left: [], ends: 0 },
])(
  "of $terminals, $left are left: ends by a signal $ends times, and not before it exits",
  ({ terminals, left, ends }) => {
    const end = vi.fn();
    endWithoutTerminal(terminals, (stream) => left.includes(stream), end);
    expect(end).not.toHaveBeenCalled();
    exit();
    expect(end).toHaveBeenCalledTimes(ends);
  },
);
