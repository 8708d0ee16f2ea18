/** IO: a run's folder → what its page is made of. Nothing else goes in, so that it can be made again. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ClientRisk } from "../../report/figures/clients-figure.ts";
import {
  manifestSchema,
  type OwnerRisk,
  ownerRiskSchema,
  type RunReport,
} from "../../report/run-report.ts";
import { traceSchema } from "../../report/trace-schema.ts";
import { PRIVATE_FOLDER } from "../../server/run-folder/run-folder.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { isPublicData } from "../../shared/scenario/schema.ts";
import { readClients } from "./clients-file.ts";
import { readTranscript } from "./read-transcript.ts";
import { resolvedScenario } from "./resolved-scenario.ts";
import { runFile, runJson } from "./run-files.ts";

/**
 * @throws ScenarioError for a folder of no finished run
 * @throws BudgetError naming a file that is not as a run wrote it
 */
export function readReport(run: string, { plan }: SealedPlan): RunReport {
  const manifest = runJson(run, "manifest.json", manifestSchema);
  const scenario = resolvedScenario(run, manifest);
  const { head, clients } = readClients(run);
  return {
    scenario,
    plan,
    trace: runJson(run, "trace.json", traceSchema),
    manifest,
    clients,
    resumedAfter: head.egress.resumedAfter,
    // Of private rows these are their owners' alone; without quasi-identifiers nobody is looked for.
    risks: isPublicData(scenario) && hasQuasiIdentifiers(plan) ? clientRisks(run) : [],
    measured: null,
    transcript: readTranscript(run),
  };
}

function hasQuasiIdentifiers({ contract }: SealedPlan["plan"]): boolean {
  return contract.columns.some(({ role }) => role === "quasiIdentifier");
}

function clientRisks(run: string): ClientRisk[] {
  return jsonFiles(run, PRIVATE_FOLDER).flatMap((name) => {
    const own = ownerRisk(runFile(run, name).toString("utf8"));
    if (!own?.before.risk || !own.after.risk) return [];
    const [before, after] = [own.before.risk.prosecutor, own.after.risk.prosecutor];
    return [{ client: own.client, before: before.average, after: after.average }];
  });
}

/** A host that was killed may have left half a file: that client is not drawn. */
function ownerRisk(text: string): OwnerRisk | undefined {
  try {
    return ownerRiskSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Paths in the run folder, in the order of their names. */
function jsonFiles(run: string, folder: string): string[] {
  if (!existsSync(join(run, folder))) return [];
  const names = readdirSync(join(run, folder)).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => join(folder, name));
}
