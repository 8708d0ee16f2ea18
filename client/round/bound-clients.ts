/** A host's rows by the bounds that its run has learned: the same for each client in every round. */
import { boundExamples } from "../../shared/bounds/bound-rows.ts";
import { splitLearned } from "../../shared/bounds/broadcast.ts";
import { type LearnedFeature, learnedFeatures } from "../../shared/bounds/learned-features.ts";
import type { Learned } from "../../shared/bounds/learned-ranges.ts";
import { ProtocolError } from "../../shared/errors.ts";
import type { Plan } from "../../shared/plan/plan.ts";
import { BOUNDS_RELEASES } from "../../shared/privacy/bounds-terms.ts";
import type { RoundRequest } from "../connection/round-request.ts";
import type { ClientRows } from "../features/client-rows.ts";

/** A request whose model stands alone. */
interface Opened {
  readonly parameters: Float32Array;
  /** Absent: no feature of the plan learns bounds. */
  readonly learned?: Learned;
}

export class BoundClients {
  readonly features: readonly LearnedFeature[];
  /** By which rows are scaled; undefined: nothing has been asked that needs them. */
  #bounds: Learned | undefined;
  readonly #rows = new Map<string, ClientRows>();

  constructor({ contract }: Pick<Plan, "contract">) {
    this.features = learnedFeatures(contract);
  }

  /** @throws ProtocolError `round.bounds` for what no bounds are, or others than before */
  open({ task, parameters: values }: Pick<RoundRequest, "task" | "parameters">): Opened {
    if (this.features.length === 0) return { parameters: values };
    const outers = this.features.map(({ feature }) => feature);
    const opened = splitLearned(values, outers);
    if (opened === null) throw refusal("no ranges", "ranges within what the plan says");
    const { releases } = opened.learned;
    if ((task === "bounds") !== releases < BOUNDS_RELEASES)
      throw refusal(`${releases} releases of bounds before ${task}`, `${BOUNDS_RELEASES} in all`);
    if (task !== "bounds") {
      this.#bounds ??= opened.learned;
      if (`${this.#bounds.ranges}` !== `${opened.learned.ranges}`)
        throw refusal("other bounds than before", "the same in every round");
    }
    return opened;
  }

  /** A simulation's, once training is over: the model, and all rows as it was trained on them. */
  opened(values: Float32Array, clients: ReadonlyMap<string, ClientRows>) {
    const { parameters, learned } = this.open({ task: "train", parameters: values });
    const rows = learned
      ? new Map([...clients].map(([name, own]) => [name, this.rowsOf(name, own, learned)] as const))
      : clients;
    return { parameters, rows };
  }

  /** As training sees them. */
  rowsOf(client: string, rows: ClientRows, { ranges }: Learned): ClientRows {
    const known = this.#rows.get(client);
    if (known) return known;
    const examples = boundExamples(rows.examples, this.features, ranges, rows.present);
    const bound = { examples, present: rows.present };
    this.#rows.set(client, bound);
    return bound;
  }
}

function refusal(got: string, expected: string): ProtocolError {
  const fix = "Take no further part: this coordinator does not keep to its plan.";
  return new ProtocolError({
    what: "round.bounds",
    where: "the order received",
    got,
    expected,
    fix,
  });
}
