/**
 * A host without a process of its own: the same code as a forked one, whose reports and connections stay in
 * this process. What it is sent and what it says is cloned, as between processes.
 */
import { EventEmitter } from "node:events";
import { HostRun, type Launcher } from "../../client/host-run.ts";
import { TIMING } from "../../shared/timing.ts";
import { MemoryTransport } from "../../shared/wire/memory-transport.ts";
import type { Dial } from "../../shared/wire/transport.ts";
import type { LaunchedHosts } from "./launch.ts";
import { type HostProcess, Hosts } from "./launch.ts";

/** What the program that calls brings along for its clients. */
type Brought = Pick<Launcher, "memory" | "outside">;

/** So many of them, and the door by which their clients come in. */
export function inProcessHosts(count: number, own?: Brought): LaunchedHosts {
  const transport = new MemoryTransport();
  const all = Array.from({ length: count }, () => new InProcessHost(transport.dial, own));
  return {
    hosts: new Hosts("this process", count, TIMING, all),
    door: transport.open.bind(transport),
  };
}

export class InProcessHost extends EventEmitter implements HostProcess {
  connected = true;
  readonly #inbox = new EventEmitter();
  readonly #run: HostRun;

  /** @param dial into the coordinator that is in this process; absent: by sockets */
  constructor(dial?: Dial, own: Brought = {}) {
    super();
    this.#run = new HostRun({
      ...own,
      dial,
      tell: (report) => this.#say(structuredClone(report)),
      hear: (listen) => {
        this.#inbox.on("message", listen);
        return () => this.#inbox.off("message", listen);
      },
      done: () => this.kill(),
      // As it is: its stack says where.
      failed: (error) => this.#say({ kind: "bug", error }),
      notes: { bug: (error) => this.#say({ kind: "bug", error }) },
    });
    this.#run.await();
  }

  send(message: object): void {
    const copy: unknown = structuredClone(message);
    setImmediate(() => {
      if (this.connected) this.#inbox.emit("message", copy);
    });
  }

  /** Nobody hears of it any more. It has ended when what it was at has: then it writes nothing, like a process. */
  kill(): void {
    if (!this.connected) return;
    this.connected = false;
    void this.#run.breakOff().then(() => this.emit("exit", 0, null));
  }

  #say(report: object): void {
    setImmediate(() => {
      if (this.connected) this.emit("message", report);
    });
  }
}
