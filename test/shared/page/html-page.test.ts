import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { heading, page, paragraph, table } from "../../../shared/page/html-page.ts";

const HOSTILE = `<script>alert("1")</script> & 'x'`;
const SHOWN = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;";

it("shows every text as text, wherever it stands", () => {
  const html = page(HOSTILE, [
    heading(1, HOSTILE),
    paragraph(HOSTILE),
    table([HOSTILE], [[HOSTILE], [HOSTILE]]),
  ]);
  // The table's head is its label too.
  expect(html.split(SHOWN)).toHaveLength(8);
  expect(html).not.toContain("<script>");
});

it("asks for nothing from outside, and runs nothing", () => {
  const html = page("a", [paragraph("b")]);
  expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(html).not.toMatch(/<script|<link|<img|src=|href=|@import|url\(/);
});

it("lets the script run that it was given, and none other", () => {
  const script = "\ndocument.title = 'ran';\n";
  const html = page("a", [], { script });
  const hash = createHash("sha256").update(script, "utf8").digest("base64");
  expect(html).toContain(`script-src 'sha256-${hash}'"`);
  expect(html).toContain(`<script>${script}</script>`);
  expect(html.match(/<script/g)).toHaveLength(1);
});

it("is a row of heads, then a row a row, in a region that scrolls by keyboard", () => {
  expect(table(["a", "b"], [["1", "2"]])).toBe(
    '<div class="table" role="region" aria-label="Table: a, b" tabindex="0"><table>\n' +
      "<tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr>\n</table></div>",
  );
});
