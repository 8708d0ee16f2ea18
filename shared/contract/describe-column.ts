/** How a column is kept, in a few words for its owner. */
import type { ContractColumn, EventLogColumn } from "./contract.ts";
import { type Recoding, shapeText } from "./recoding.ts";
import { textRule } from "./text-rules/rules.ts";

export function describeColumn(column: ContractColumn): string {
  switch (column.role) {
    case "drop":
      return "dropped";
    case "target":
      return "the label alone, for training and evaluation";
    case "directIdentifier":
      return column.action === "drop"
        ? "dropped"
        : `a keyed pseudonym${column.dropAfterJoin ? ", dropped once rows are joined" : ""}`;
    case "eventLog":
      return describeLog(column);
    default:
      return describeRecoding(column.recoding);
  }
}

function describeRecoding(recoding: Recoding): string {
  switch (recoding.kind) {
    case "bands":
      return `${recoding.labels.length} bands`;
    case "number": {
      const { grid, clip } = recoding;
      const cut = clip ? `, cut to [${clip.join(", ")}]` : "";
      return (grid ? `a number, ${grid.rule} to ${grid.width}` : "a number") + cut;
    }
    case "categories": {
      const { labels, level, height } = recoding;
      const raised = height > 1 || level > 0 ? `, level ${level} of ${height}` : "";
      return `${labels.length} categories${raised}`;
    }
    case "date":
      return recoding.level === "*" ? "nothing: all dates are one" : `dates by ${recoding.level}`;
    case "image":
      return `an image as it is, ${shapeText(recoding.shape)} pixels`;
    default:
      return textRule(recoding.kind).describe(recoding);
  }
}

function describeLog({ maxEvents, maxAgeDays, truncateDays, amount, category }: EventLogColumn) {
  const days = truncateDays > 1 ? `, days before it by ${truncateDays}` : "";
  const cut = amount?.bands ? ", in bands" : "";
  const fields = [amount && `amounts clipped${cut}`, category && "categories"]
    .filter(Boolean)
    .join(", ");
  return `the newest ${maxEvents} events of ${maxAgeDays} days before the cut-off${days}${fields && `; ${fields}`}`;
}
