/** Every figure of a run, by the name of the file that it is written to. */
import type { TopLevelSpec } from "vega-lite";
import { tellsNumbers } from "../shared/events/held-out-numbers.ts";
import { publishedTrace } from "../shared/events/published-trace.ts";
import { labelsFigure, riskFigure } from "./figures/clients-figure.ts";
import type { FigureTheme } from "./figures/figure-theme.ts";
import { masksFigure } from "./figures/masks-figure.ts";
import { clippingFigure, signalFigure } from "./figures/norms-figure.ts";
import { predictedFigure, residualsFigure } from "./figures/numbers-figure.ts";
import { measuresOf, roundPoints, roundsFigure } from "./figures/rounds-figure.ts";
import { countedLabels } from "./held-out-part.ts";
import { type RunReport, rawRounds } from "./run-report.ts";

export interface NamedFigure {
  readonly name: string;
  readonly spec: TopLevelSpec;
}

export function runFigures(report: RunReport, theme: FigureTheme): NamedFigure[] {
  const { trace, scenario, plan, measured, risks, transcript } = report;
  const rounds = { start: trace.start, rounds: rawRounds(report) };
  const published = publishedTrace(scenario, plan.privacy.rounds);
  return [
    ...measuresOf(trace).map((measure) => ({
      name: `${measure}-by-round`,
      spec: roundsFigure(roundPoints(rounds, published, measure), measure, theme),
    })),
    ...(tellsNumbers(trace.heldOut)
      ? [
          { name: "predicted-and-true", spec: predictedFigure(trace.heldOut, theme) },
          { name: "residuals", spec: residualsFigure(trace.heldOut, theme) },
        ]
      : []),
    ...(measured === null
      ? []
      : [
          { name: "update-norms", spec: clippingFigure(measured, theme) },
          { name: "signal-and-noise", spec: signalFigure(measured, theme) },
        ]),
    ...(trace.clientLabels.length === 0
      ? []
      : [
          {
            name: "labels-by-client",
            spec: labelsFigure(trace.clientLabels, countedLabels(trace.heldOut), theme),
          },
        ]),
    ...(risks.length === 0
      ? []
      : [{ name: "risk-by-client", spec: riskFigure(risks.slice(0, MOST_RISKS), theme) }]),
    ...(transcript === null
      ? []
      : [{ name: "masked-and-sum", spec: masksFigure(transcript, theme) }]),
  ];
}

const MOST_RISKS = 40;
