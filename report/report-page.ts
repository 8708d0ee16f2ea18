/**
 * A run's report as one page that opens offline: figures are pictures in it, and of scripts it has the
 * guided tour alone.
 */
import { rawClaim } from "../shared/claims/claim.ts";
import { deltaAtMostText, epsilonText } from "../shared/epsilon-text.ts";
import { escapeHtml, heading, page } from "../shared/page/html-page.ts";
import { clientsPart, egressPart, faultsPart } from "./clients-part.ts";
import { heldOutPart, heldOutWords } from "./held-out-part.ts";
import { note } from "./html-parts.ts";
import { insightPart, quizPart } from "./insight-part.ts";
import { ladderPart } from "./ladder-part.ts";
import { masksPart } from "./masks-part.ts";
import { predictionPart } from "./prediction-part.ts";
import { REPORT_STYLE } from "./report-style.ts";
import { countText } from "./report-text.ts";
import { reproducePart } from "./reproduce-part.ts";
import type { RunReport } from "./run-report.ts";
import { stageSection, stageStrip } from "./stages-part.ts";
import { TOUR_PANEL, TOUR_SCRIPT } from "./tour-script.ts";
import { trainingPart } from "./training-part.ts";

/** @returns less than 2 MB: what grows with clients or rounds is cut or drawn */
export async function reportPage(report: RunReport): Promise<string> {
  const { scenario, trace } = report;
  return page(
    `Murmur: ${scenario.name}`,
    [
      ...opening(report),
      stageStrip(report),
      stageSection(report, "collect"),
      stageSection(report, "anonymize"),
      stageSection(report, "engineer"),
      stageSection(report, "train", await trainingPart(report)),
      stageSection(report, "evaluate", await heldOutPart(trace)),
      stageSection(report, "predict", predictionPart(trace.prediction)),
      ladderPart(report),
      ...(await masksPart(report)),
      ...(await clientsPart(report)),
      egressPart(report),
      faultsPart(report),
      insightPart(report),
      quizPart(report),
      reproducePart(report),
      TOUR_PANEL,
    ],
    { style: REPORT_STYLE, script: TOUR_SCRIPT },
  );
}

/** What came out, what it cost, and what must be said with it. */
function opening(report: RunReport): string[] {
  const { scenario, trace, manifest } = report;
  const { privacy } = report.plan;
  const { reached, warnings, name, value, beside } = heldOutWords(trace.heldOut, lastLoss(report));
  const price = rawClaim(trace.claims, "modelRecipients");
  const spent = epsilonText(price?.epsilon ?? null);
  const delta = price ? `δ ${deltaAtMostText(price.delta)}` : "no bound";
  const seeded = privacy.noise === "seeded" && privacy.trust !== "none";
  const cost =
    privacy.trust === "none"
      ? "It promises no privacy: nothing was noised."
      : `It cost ε ${spent} (${delta}) against whoever gets the model.`;
  const tile = (name: string, value: string, more: string) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(more)}</small></dd></div>`;
  return [
    `<p class="kicker">Murmur, report of a run</p>`,
    heading(1, scenario.name),
    `<p class="lede">${escapeHtml(`${countText(scenario.clients.count, "client")} trained one model on rows that stayed where they were. ${reached} ${cost}`)}</p>`,
    ...(seeded
      ? [note("Every ε here holds if the noise were secure: seeded noise protects nobody.")]
      : []),
    ...manifest.notes.map(note),
    ...warnings.map(note),
    `<dl class="tiles">${[
      tile(name, value, beside),
      tile("ε spent", spent, `${delta}, unit ${privacy.unit}`),
      tile("Rounds", String(trace.rounds.length), `of ${privacy.rounds} planned`),
      tile("Trust", privacy.trust, countText(scenario.clients.count, "client")),
    ].join("\n")}</dl>`,
    `<button type="button" id="tour-start" hidden>Take the guided tour</button>`,
  ];
}

/** Of the model that is handed out; null: it is an average of the released ones, whose loss no round has. */
function lastLoss({ scenario, trace }: RunReport): number | null {
  if (scenario.training.averaging !== undefined) return null;
  return trace.rounds.findLast(({ loss }) => loss !== null)?.loss ?? null;
}
