/**
 * Named lines at which a test may hold a process, or kill it. Outside tests the variable is not
 * set and nothing happens.
 *
 * MURMUR_FAILPOINT = "name:action" or "name:action:key"; with a key only the line that passes that
 * key is meant (a host's index, say).
 */
const [NAME, ACTION, KEY] = (process.env.MURMUR_FAILPOINT ?? "").split(":");

/** True if the test meant line `name`. */
export function armed(name: string, key: string | number): boolean {
  return name === NAME && (KEY === undefined || KEY === String(key));
}

/** Dies at line `name` if the test asked for it: no statement after this one runs. */
export function killpoint(name: string, key: string | number): void {
  if (!armed(name, key)) return;
  process.stderr.write(`failpoint ${name} ${key} pid ${process.pid}\n`);
  if (ACTION === "kill") process.kill(process.pid, "SIGKILL");
}

/** Does what the test asked for at line `name`; most often nothing. */
export async function failpoint(name: string, key: string | number): Promise<void> {
  killpoint(name, key);
  // Held: the event loop goes on, so the process still ends with its parent.
  if (armed(name, key) && ACTION === "hold") await new Promise(() => {});
}
