/**
 * Named lines at which a test may hold a process, or kill it. Outside tests the variable is not
 * set and nothing happens.
 *
 * MURMUR_FAILPOINT = "name:action" or "name:action:key"; with a key only the line that passes that
 * key is meant (a host's index, say).
 */
const [NAME, ACTION, KEY] = (process.env.MURMUR_FAILPOINT ?? "").split(":");

/** Does what the test asked for at line `name`; most often nothing. */
export async function failpoint(name: string, key: string | number): Promise<void> {
  if (name !== NAME || (KEY !== undefined && KEY !== String(key))) return;
  process.stderr.write(`failpoint ${name} ${key} pid ${process.pid}\n`);
  if (ACTION === "kill") process.kill(process.pid, "SIGKILL");
  // Held: the event loop goes on, so the process still ends with its parent.
  if (ACTION === "hold") await new Promise(() => {});
}
