/** What the coordinator was sent, of one client, beside what came of all of them. */
import { svgFigure } from "./figures/draw-figure.ts";
import { masksFigure, middleOf } from "./figures/masks-figure.ts";
import { figure, section } from "./html-parts.ts";
import { countText } from "./report-text.ts";
import type { RunReport } from "./run-report.ts";

/** Nothing, where no transcript was kept. */
export async function masksPart({ transcript }: RunReport): Promise<string[]> {
  if (transcript === null) return [];
  const { round, words, masked, sum } = transcript;
  const explained = `To the left the ${countText(words, "number")} of one client's update in round ${round + 1}, as the coordinator received them: under masks any number is as likely as any other, whatever the client learned. To the right the sum of all clients' updates, once their masks have cancelled: that is all that can be read.`;
  const rows = masked.map((count, bin) => [
    middleOf(bin).toFixed(0),
    String(count),
    String(sum[bin] ?? 0),
  ]);
  return [
    section({ id: "masks", title: "What masks hide", explained }, [
      figure({
        title: "One masked update, and the sum that it went into",
        told: "The masked update's numbers lie everywhere; those of the sum lie around zero.",
        svg: await svgFigure(masksFigure(transcript, "page"), "page"),
        head: ["around, in millions", "numbers of the masked update", "numbers of the sum"],
        rows,
      }),
    ]),
  ];
}
