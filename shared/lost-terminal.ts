/**
 * IO: a process whose terminal was closed. Node before 22.17 gives each terminal back the state that it had, and
 * aborts where it is gone (nodejs/node#51519): with a core file, where the system keeps such, of all that is in
 * memory. Such a process ends by a signal, at the very end, when all is on disk.
 */
import { isatty } from "node:tty";

/** Standard input, output and error. */
const STREAMS = [0, 1, 2];
const terminals = STREAMS.filter((stream) => isatty(stream));

/** To be called when the terminal hangs up; what else listens to `exit` by then comes first. */
export function endWithoutTerminal(
  were: readonly number[] = terminals,
  isThere: (stream: number) => boolean = isatty,
  end: () => void = () => process.kill(process.pid, "SIGKILL"),
): void {
  process.once("exit", () => {
    if (!were.every(isThere)) end();
  });
}
