import { expect, it } from "vitest";
import { heading, page, paragraph, table } from "../../shared/html-page.ts";

const HOSTILE = `<script>alert("1")</script> & 'x'`;
const SHOWN = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;";

it("shows every text as text, wherever it stands", () => {
  const html = page(HOSTILE, [
    heading(1, HOSTILE),
    paragraph(HOSTILE),
    table([HOSTILE], [[HOSTILE], [HOSTILE]]),
  ]);
  expect(html.split(SHOWN)).toHaveLength(7);
  expect(html).not.toContain("<script>");
});

it("asks for nothing from outside, and runs nothing", () => {
  const html = page("a", [paragraph("b")]);
  expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(html).not.toMatch(/<script|<link|<img|src=|href=|@import/);
});

it("is a row of heads, then a row a row", () => {
  expect(table(["a", "b"], [["1", "2"]])).toBe(
    "<table>\n<tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr>\n</table>",
  );
});
