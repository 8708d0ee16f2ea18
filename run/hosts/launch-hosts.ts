/** The hosts of a run on this machine: where they are, and how its coordinator reaches them. */

import { TIMING } from "../../shared/timing.ts";
import { HOST_PROGRAM } from "./host-program.ts";
import { Hosts, type LaunchedHosts } from "./launch.ts";

/** Processes of their own, or this very one. */
export type HostPlace = "forked" | "inProcess";

/** @throws ScenarioError if a process cannot be started */
export async function launchHosts(place: HostPlace, count: number): Promise<LaunchedHosts> {
  if (place === "forked") return { hosts: new Hosts(HOST_PROGRAM, count, TIMING) };
  // A process that forks its hosts loads none of what they do.
  const { inProcessHosts } = await import("./in-process-host.ts");
  return inProcessHosts(count);
}
