/** What a host that stays for several runs has prepared, for the next one of the same rows. */
import { canonicalJson } from "../../shared/canonical.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import type { DataAssignment } from "../data/assignment.ts";
import type { MemoryFiles } from "../source/memory-files.ts";
import { type Prepared, prepare } from "./prepare.ts";

export class KeptPreparation {
  readonly #memory: MemoryFiles | undefined;
  #kept: { readonly key: string; readonly prepared: Prepared } | undefined;

  /** @param memory the same for all of its runs */
  constructor(memory?: MemoryFiles) {
    this.#memory = memory;
  }

  /** As `prepare`, but once while contract and assignment stay the same: nobody changes what it gives. */
  async of(contract: Contract, assignment: DataAssignment, reports: boolean): Promise<Prepared> {
    const key = canonicalJson({ contract, assignment });
    // Nothing was done this time, so that no time was spent.
    if (this.#kept?.key === key) return { ...this.#kept.prepared, seconds: new Map() };
    // Before the next is made: two may be more than fit.
    this.#kept = undefined;
    const prepared = await prepare(contract, assignment, { reports, memory: this.#memory });
    this.#kept = { key, prepared };
    return prepared;
  }
}
