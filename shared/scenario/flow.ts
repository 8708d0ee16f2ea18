/** A value as a scenario file may have it on one line. */
import { Document, visit } from "yaml";

/** What has a line break in it is quoted, and the break written \n. */
export function flow(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && /[\r\n]/.test(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  const oneLine = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER };
  return document.toString({ collectionStyle: "flow", ...oneLine }).trim();
}
