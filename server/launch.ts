/** IO: starts the client hosts as processes of their own, watches them, and ends them. */
import { type ChildProcess, fork } from "node:child_process";
import { ScenarioError } from "../shared/errors.ts";
import { type HostReport, type PreparedReport, reportedError } from "../shared/host-report.ts";
import type { Timing } from "../shared/timing.ts";

/** One forked host. */
export interface Host {
  readonly index: number;
  readonly pid: number;
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<void>;
}

export class Hosts {
  readonly all: readonly Host[];
  readonly #children: readonly ChildProcess[];
  #ending = false;
  /** Rejects with the first refusal that any host reports. */
  readonly refused: Promise<never>;
  /** The held-out rows and the person to predict, from the host that prepares them. */
  readonly prepared: Promise<PreparedReport>;

  /**
   * @param program path of the host program; the hosts start at once and wait for `assign`
   * @throws ScenarioError if the program cannot be started
   */
  constructor(program: string, count: number, timing: Timing) {
    this.#children = Array.from({ length: count }, () =>
      // Structured clones carry typed arrays whole.
      fork(program, [], {
        serialization: "advanced",
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      }),
    );
    this.all = this.#children.map((child, index) => ({
      index,
      pid: child.pid ?? 0,
      ended: new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.once("error", () => resolve());
      }),
    }));
    this.refused = new Promise((_, reject) => {
      for (const child of this.#children) {
        child.on("message", (report: HostReport) => {
          if (report.kind === "refused") reject(reportedError(report.error, report.problem));
        });
        child.once("error", (cause) => reject(notStarted(program, cause.message)));
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
        child.once("exit", (code, signal) => {
          if (!this.#ending) reject(notStarted(program, signal ?? `exit code ${code}`));
        });
      }
    });
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
   * Ends every host; resolves when none is left.
   *
   * @param graceMs for those that have been told goodbye to end by themselves
   */
  async end(graceMs: number): Promise<void> {
    this.#ending = true;
    const kill = () => {
      for (const child of this.#children) child.kill("SIGKILL");
    };
    if (graceMs === 0) kill();
    const timer = setTimeout(kill, graceMs);
    await Promise.all(this.all.map(({ ended }) => ended));
    clearTimeout(timer);
  }
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
