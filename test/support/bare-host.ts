import { ControlBook } from "../../client/control-book.ts";
import { DelayedSends } from "../../client/delayed-sends.ts";
import type { HostContext } from "../../client/host-context.ts";
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
    controls: new ControlBook(),
    hidesDraw: false,
    guard: new AttemptGuard(),
    diverged: () => {},
  };
}
