/**
 * Machines of their own on one machine: Linux network namespaces, a cable (veth pair) from the coordinator's
 * to each client's. Needs iproute2 and root; without them a test fails here, and says so.
 */
import { execFileSync } from "node:child_process";

export interface Cable {
  /** Namespace of the client. */
  readonly machine: string;
  /** The coordinator's address on this cable. */
  readonly address: string;
  readonly pull: () => void;
  readonly plugIn: () => void;
}

export class Network {
  readonly coordinator: string;
  readonly cables: readonly Cable[];
  readonly #machines: string[];

  constructor(clients: number) {
    const own = `mm${process.pid}`;
    this.coordinator = `${own}-c`;
    this.#machines = [this.coordinator];
    try {
      newMachine(this.coordinator);
      this.cables = Array.from({ length: clients }, (_, i) => this.#lay(`${own}-${i}`, i));
    } catch (cause) {
      this.remove();
      throw new Error("no network namespaces: these tests need iproute2 and root", { cause });
    }
  }

  remove(): void {
    for (const machine of this.#machines) {
      try {
        ip("netns", "del", machine);
      } catch {
        // It was never there.
      }
    }
  }

  #lay(machine: string, i: number): Cable {
    this.#machines.push(machine);
    newMachine(machine);
    const [here, there] = [`vc${i}`, `vm${i}`];
    const [address, client] = [`10.77.${i}.1`, `10.77.${i}.2`];
    ip(
      "link",
      "add",
      here,
      "netns",
      this.coordinator,
      "type",
      "veth",
      "peer",
      there,
      "netns",
      machine,
    );
    const up = (where: string, device: string, own: string) => {
      ip("-n", where, "addr", "add", `${own}/24`, "dev", device);
      ip("-n", where, "link", "set", device, "up");
    };
    up(this.coordinator, here, address);
    up(machine, there, client);
    return {
      machine,
      address,
      pull: () => ip("-n", machine, "link", "set", there, "down"),
      plugIn: () => ip("-n", machine, "link", "set", there, "up"),
    };
  }
}

function newMachine(name: string): void {
  ip("netns", "add", name);
  ip("-n", name, "link", "set", "lo", "up");
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}

/** A command that runs another one on that machine. */
export function on(machine: string): readonly string[] {
  return ["ip", "netns", "exec", machine];
}
