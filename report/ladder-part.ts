/** ε as a ladder of adversaries: who sees most stands first. */
import type { Adversary } from "../shared/accounting/mechanisms/event.ts";
import {
  CLAIM_HEAD,
  claimRows,
  claimText,
  type Guarantee,
  HOLDS_AGAINST,
  rawEpsilon,
} from "../shared/claims/claim.ts";
import { heldOutPrivate, unitNoun, unitParts } from "../shared/claims/unit-text.ts";
import { epsilonText } from "../shared/epsilon-text.ts";
import { soFarParts } from "../shared/events/so-far-text.ts";
import { escapeHtml, paragraph, table } from "../shared/page/html-page.ts";
import { details, section } from "./html-parts.ts";
import { oddsText } from "./report-text.ts";
import type { RunReport } from "./run-report.ts";

const BY_SIGHT: readonly Adversary[] = ["coordinator", "otherClients", "modelRecipients"];

export function ladderPart({ trace: { claims, soFar }, plan, scenario }: RunReport): string {
  const { privacy } = plan;
  const noun = unitNoun(plan);
  const bounded = claims.flatMap(({ raw }) => (raw === null ? [] : [raw]));
  // A short bar is a strong promise; none is longer than the one without any.
  const scale = Math.max(2, ...bounded) * 1.25;
  const rungs = BY_SIGHT.flatMap((adversary) =>
    claims.filter((one) => one.adversary === adversary),
  );
  const secure = privacy.noise === "seeded" && privacy.trust !== "none";
  const explained = `ε bounds what one ${noun} can change for somebody who looks: with the ${noun} or without it, anything they see becomes at most e^ε times likelier, but for a chance of δ. Who sees more needs another promise, and has an ε of their own${secure ? "; all of them hold if the noise were secure, and here it is seeded" : ""}.`;
  return section({ id: "privacy", title: "What ε holds, and against whom", explained }, [
    `<ol class="ladder">${rungs.map((claim) => rung(claim, noun, scale)).join("\n")}</ol>`,
    paragraph(claimText(privacy, unitParts(plan, heldOutPrivate(scenario)))),
    ...soFarParts(soFar ?? [], (adversary) => rawEpsilon(claims, adversary)).map(paragraph),
    details("As the ledger has it, against the anonymized and the raw table", [
      table(CLAIM_HEAD, claimRows(claims)),
    ]),
  ]);
}

function rung({ adversary, raw, assumption }: Guarantee, unit: string, scale: number): string {
  const who = HOLDS_AGAINST[adversary];
  const width = raw === null ? 100 : Math.max(1, (100 * raw) / scale);
  const means =
    raw === null
      ? "no bound: ε says nothing here"
      : `one ${unit}: at most ${oddsText(raw)} likelier`;
  return `<li><div><b>${escapeHtml(who)}</b><span class="epsilon">ε ${escapeHtml(epsilonText(raw))}</span></div>
<div class="bar${raw === null ? " open" : ""}" aria-hidden="true"><i style="width:${width.toFixed(1)}%"></i></div>
<p>${escapeHtml(means)}; ${escapeHtml(assumption)}</p></li>`;
}
