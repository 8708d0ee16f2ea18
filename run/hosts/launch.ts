/** IO: starts the client hosts as processes of their own, watches them, and ends them. */

import { type ChildProcess, fork } from "node:child_process";
import type { EventEmitter } from "node:events";
import type { ConnectionSettings } from "../../server/connections/connection-settings.ts";
import { ScenarioError } from "../../shared/errors.ts";
import {
  type ClientCounts,
  type ClientSummaries,
  type EvaluateRequest,
  type HostReport,
  type PreparedReport,
  reportedError,
} from "../../shared/events/host-report.ts";
import { OPTIMIZE_LATE } from "../../shared/optimize-late.ts";
import type { Timing } from "../../shared/timing.ts";

/** A process of clients, as its launcher has it; or what stands for one in this process. */
export interface HostProcess extends EventEmitter {
  readonly pid?: number | undefined;
  readonly connected: boolean;
  send(message: object): unknown;
  kill(signal: "SIGKILL"): unknown;
}

/** One host that was launched. */
export interface Host {
  readonly index: number;
  readonly pid: number;
  /** Resolves when the process has ended, however it did, with how. */
  readonly ended: Promise<string>;
}

export class Hosts {
  readonly all: readonly Host[];
  /** True: they stay for another run. */
  readonly lent: boolean;
  readonly #children: readonly HostProcess[];
  readonly #timing: Timing;
  #ending = false;
  /** Resolves once all have said that they wait for another run. */
  readonly #idle: Promise<unknown>;
  /** Rejects with the first refusal that any host reports. */
  readonly refused: Promise<never>;
  /** The held-out rows and the person to predict, from the host that prepares them. */
  readonly prepared: Promise<PreparedReport>;
  /** Of generated and public rows, from every host that lives to tell; of private ones none does. */
  readonly ofNote: Promise<ClientSummaries>;
  /** The same rows: rounds by client in whose place zeros went. */
  readonly diverged: ReadonlyMap<string, readonly number[]>;

  /**
   * @param program path of the host program; the hosts start at once and wait for `assign`
   * @param lent idle hosts that stay when the run is over, in the place of new ones
   * @throws ScenarioError if the program cannot be started
   */
  constructor(program: string, count: number, timing: Timing, lent?: readonly HostProcess[]) {
    this.#timing = timing;
    this.lent = lent !== undefined;
    this.#children = lent ?? forkHosts(program, count);
    this.all = this.#children.map((child, index) => ({
      index,
      pid: child.pid ?? 0,
      ended: new Promise((resolve) => {
        child.once("exit", (code: number | null, signal: string | null) =>
          resolve(endOf(code, signal)),
        );
        child.once("error", ({ message }: Error) => resolve(message));
      }),
    }));
    this.refused = new Promise((_, reject) => {
      for (const child of this.#children) {
        child.on("message", (report: HostReport) => {
          if (report.kind === "refused") reject(reportedError(report.error, report.problem));
          if (report.kind === "bug") reject(report.error);
        });
        child.once("error", ({ message }: Error) => reject(notStarted(program, message)));
      }
    });
    this.prepared = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(notStarted(program, "nothing in time")), timing.joinMs);
      late.unref();
      for (const child of this.#children) {
        child.on("message", (report: HostReport) => {
          if (report.kind !== "prepared") return;
          clearTimeout(late);
          resolve(report);
        });
        // The first host is the one that prepares them; without any other the run goes on.
        if (child !== this.#children[0]) continue;
        child.once("exit", (code: number | null, signal: string | null) => {
          if (!this.#ending) reject(notStarted(program, endOf(code, signal)));
        });
      }
    });
    const diverged = new Map<string, number[]>();
    this.diverged = diverged;
    for (const child of this.#children) {
      child.on("message", (report: HostReport) => {
        if (report.kind !== "diverged") return;
        diverged.set(report.client, [...(diverged.get(report.client) ?? []), report.round]);
      });
    }
    this.#idle = Promise.all(
      this.#children.map(
        (child) =>
          new Promise<void>((resolve) => {
            child.on("message", ({ kind }: HostReport) => kind === "idle" && resolve());
          }),
      ),
    );
    const ofClients = (report: HostReport) => (report.kind === "clients" ? report : null);
    this.ofNote = this.#toldByAll(ofClients, timing.joinMs).then((told) => ({
      empty: told.flatMap(({ empty }) => empty).sort(),
      oneClass: told.flatMap(({ oneClass }) => oneClass).sort(),
      labels: told.flatMap(({ labels }) => labels).sort((a, b) => (a.client < b.client ? -1 : 1)),
    }));
    // Whoever waits sees these; a run that ended before anyone did must not fail for it.
    this.refused.catch(() => {});
    this.prepared.catch(() => {});
  }

  /** Tells each host what it is: one assignment a host, in order, over IPC alone. */
  assign(assignments: readonly object[]): void {
    this.#children.forEach((child, i) => {
      const assignment = assignments[i];
      if (assignment && child.connected) child.send(assignment);
    });
  }

  /**
   * A simulation's accuracy by client: of generated and public rows, which no theorem need protect.
   * A host that is gone, or says nothing for as long as a round may take, leaves its clients out.
   *
   * @param parameters float32[parameters]
   */
  async countRight(parameters: Float32Array): Promise<ClientCounts[]> {
    const evaluated = (report: HostReport) => (report.kind === "evaluated" ? report : null);
    const answers = this.#toldByAll(evaluated, this.#timing.trainMs);
    const request: EvaluateRequest = { kind: "evaluate", parameters };
    for (const child of this.#children) if (child.connected) child.send(request);
    return (await answers).flatMap(({ clients }) => clients);
  }

  /** The next report of a kind from each host; nothing from one that ends before, or lets it wait. */
  async #toldByAll<Report>(
    pick: (report: HostReport) => Report | null,
    withinMs: number,
  ): Promise<Report[]> {
    const told = this.#children.map(async (child, i): Promise<Report[]> => {
      const answer = new Promise<Report[]>((resolve) => {
        const listen = (report: HostReport) => {
          const picked = pick(report);
          if (picked === null) return;
          child.off("message", listen);
          resolve([picked]);
        };
        child.on("message", listen);
        // Suspended, say: its sockets are long lost, but it has not ended.
        setTimeout(() => resolve([]), withinMs).unref();
        void this.all[i]?.ended.then(() => resolve([]));
      });
      return answer;
    });
    return (await Promise.all(told)).flat();
  }

  /**
   * Ends every host, or lets go of lent ones that are idle again; resolves when that is done.
   *
   * @param graceMs for those that have been told goodbye to end by themselves
   */
  async end(graceMs: number): Promise<void> {
    this.#ending = true;
    if (this.lent && graceMs > 0 && (await this.#areIdle(graceMs))) {
      for (const child of this.#children)
        for (const event of ["message", "exit", "error"]) child.removeAllListeners(event);
      return;
    }
    const kill = () => {
      for (const child of this.#children) child.kill("SIGKILL");
    };
    if (graceMs === 0) kill();
    const timer = setTimeout(kill, graceMs);
    await Promise.all(this.all.map(({ ended }) => ended));
    clearTimeout(timer);
  }

  async #areIdle(graceMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), graceMs);
    });
    const gone = Promise.race(this.all.map(({ ended }) => ended));
    const idle = await Promise.race([this.#idle.then(() => true), gone.then(() => false), late]);
    clearTimeout(timer);
    return idle;
  }
}

/** Processes that wait for their assignments. */
export function forkHosts(program: string, count: number): ChildProcess[] {
  return Array.from({ length: count }, () =>
    // Structured clones carry typed arrays whole. Hosts fill the cores by themselves: threads that collect
    // a heap's garbage beside them would only get in their way (a third of a masked round, measured).
    fork(program, [], {
      execArgv: [...OPTIMIZE_LATE, ...process.execArgv, "--single-threaded-gc"],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    }),
  );
}

/** V8 aborts a process whose heap is full. */
function endOf(code: number | null, signal: string | null): string {
  if (signal === "SIGABRT" || code === 134)
    return "out of memory, it seems: NODE_OPTIONS=--max-old-space-size=<MiB> raises the limit";
  return signal ?? `exit code ${code}`;
}

function notStarted(program: string, got: string): ScenarioError {
  return new ScenarioError({
    what: "client host",
    where: program,
    got,
    expected: "a process that joins and prepares its clients' rows",
    fix: "If it was killed, run again; if it is not there, build it with npm run build.",
  });
}

/** Hosts, and the door by which their clients come in. */
export interface LaunchedHosts extends Pick<ConnectionSettings, "door"> {
  readonly hosts: Hosts;
}
