/**
 * Loaded into the processes of a run before their own code (`--import`): keeps what each host sends.
 * In the coordinator's process that is every byte that its sockets receive; in a host's, what it
 * sends over IPC, and whom it dials. MURMUR_TAP_LEAK makes a host leak a text by each of its ways.
 */
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serialize } from "node:v8";

const folder = process.env.MURMUR_TAP ?? "";
const leak = process.env.MURMUR_TAP_LEAK;
const keep = (name, bytes) => appendFileSync(join(folder, `${name}-${process.pid}`), bytes);

if (process.send) tapHost(process.send);
else tapCoordinator();

function tapHost(send) {
  subscribe("net.client.socket", () => keep("dialled", "tcp\n"));
  subscribe("udp.socket", () => keep("dialled", "udp\n"));
  process.send = (message, ...rest) => {
    const sent = leak === undefined ? message : leaking(message);
    keep("ipc", serialize(sent));
    return send.call(process, sent, ...rest);
  };
  if (leak === undefined) return;
  process.stderr.write(`${leak}\n`);
  const { stringify } = JSON;
  JSON.stringify = (value, ...rest) =>
    stringify(value?.t === "auth" ? { ...value, software: leak } : value, ...rest);
}

function leaking(message) {
  if (message.kind !== "prepared") return message;
  return { ...message, stages: message.stages.map((stage) => ({ ...stage, note: leak })) };
}

function tapCoordinator() {
  let sockets = 0;
  subscribe("net.server.socket", ({ socket }) => {
    const name = `socket-${sockets++}`;
    socket.on("data", (chunk) => keep(name, chunk));
    // The transport's own count, against which the copy is held.
    socket.on("close", () => writeFileSync(join(folder, `${name}.bytes`), `${socket.bytesRead}`));
  });
}
