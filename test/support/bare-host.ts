import { DelayedSends } from "../../client/round/delayed-sends.ts";
import type { HostContext } from "../../client/round/host-context.ts";
import { ClientStates } from "../../client/scaffold/client-state.ts";
import { AttemptGuard } from "../../client/secagg/agreed-terms.ts";

/** What a host keeps from one attempt to the next, before the first: no ledgers, nothing sent. */
export function bareHost(): Pick<
  HostContext,
  "delayed" | "broken" | "ledgers" | "own" | "controls" | "hidesDraw" | "guard" | "diverged"
> {
  return {
    delayed: new DelayedSends(),
    broken: new Set(),
    ledgers: new Map(),
    own: new Map(),
    controls: new ClientStates(),
    hidesDraw: false,
    guard: new AttemptGuard(),
    diverged: () => {},
  };
}
