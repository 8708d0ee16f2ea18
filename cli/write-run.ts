/** IO: all that a finished run leaves in its folder, but for the ledger and the rounds, which grew there. */
import { cpus, totalmem } from "node:os";
import type { Evaluation } from "../server/evaluate.ts";
import type { ModelState } from "../server/release.ts";
import { reportHtml } from "../server/report-html.ts";
import { byAdversary } from "../shared/accounting/event.ts";
import type { Ledger } from "../shared/accounting/ledger.ts";
import { rawClaim } from "../shared/claim.ts";
import { parametersHash } from "../shared/model/model.ts";
import { modelJson, WEIGHTS_FILE, weightBytes } from "../shared/model/saved/layers-format.ts";
import { hidesCohort } from "../shared/privacy-events.ts";
import { resolvedYaml } from "../shared/scenario/scenario.ts";
import type { Trace } from "../shared/trace.ts";
import { VERSION } from "../shared/version.ts";
import type { Scene } from "./scene.ts";

export function writeRun(
  scene: Scene,
  trace: Trace,
  last: Evaluation,
  { parameters }: ModelState,
  { spent, tip }: Ledger,
): void {
  const { scenario, sealed, engine, folder, runId } = scene;
  const { notes } = scene.venue;
  folder.write("scenario.resolved.yaml", resolvedYaml(scenario));
  folder.writeJson("model/model.json", modelJson(sealed.model));
  folder.write(`model/${WEIGHTS_FILE}`, weightBytes(parameters));
  folder.writeJson("trace.json", trace);
  folder.writeJson("manifest.json", {
    format: 1,
    murmur: VERSION,
    node: process.version,
    engine: engine.kind,
    seed: scenario.seed,
    noise: sealed.plan.privacy.noise,
    notes,
    runId: Buffer.from(runId).toString("hex"),
    planHash: sealed.hash,
    modelHash: parametersHash(parameters),
    ledger: tip,
    seconds: scene.watch.seconds,
    hardware: {
      cores: cpus().length,
      processor: cpus()[0]?.model ?? "unknown",
      memoryBytes: totalmem(),
    },
  });
  writeClients(scene, trace, spent);
  folder.write(
    "report.html",
    reportHtml({ scenario, plan: sealed.plan, trace, evaluation: last, notes }),
  );
}

/** What may be told of each client: privacy and egress. */
function writeClients(
  { sealed, registry, folder }: Scene,
  trace: Trace,
  spent: Ledger["spent"],
): void {
  const secret = hidesCohort(sealed.plan.privacy);
  for (const { name, joined, lost, declined, updates, bytes } of registry.clients) {
    folder.writeJson(`clients/${name}.json`, {
      client: name,
      joined,
      lost,
      declined: secret ? null : declined,
      privacy: {
        trust: sealed.plan.privacy.trust,
        epsilon: spent,
        delta: sealed.plan.privacy.delta,
        rawTable: byAdversary((adversary) => rawClaim(trace.claims, adversary)),
      },
      egress: {
        what: "one update a round that it is in: lattice integers",
        // Epsilon counts on nobody's knowing which rounds these were.
        updates: secret ? null : updates,
        bytes: secret ? null : bytes,
        to: "the coordinator",
      },
    });
  }
}
