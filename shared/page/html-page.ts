/** A page of its own: every text escaped, no outside request, no script but one that its hash allows. */
import { createHash } from "node:crypto";
import { PAGE_STYLE } from "./page-style.ts";

export interface PageParts {
  /** Added to the pages' common style. */
  readonly style?: string;
  /** Runs once the body is there; without it nothing runs. */
  readonly script?: string;
}

/** @param body made of `heading`, `paragraph`, `table`, or of other HTML whose texts are escaped */
export function page(title: string, body: readonly string[], parts: PageParts = {}): string {
  const { style = "", script } = parts;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'${script === undefined ? "" : `; script-src 'sha256-${sha256Base64(script)}'`}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}${style}</style>
</head>
<body>
<main>
${body.join("\n")}
</main>
${script === undefined ? "" : `<script>${script}</script>\n`}</body>
</html>
`;
}

export function heading(level: 1 | 2 | 3, text: string): string {
  return `<h${level}>${escapeHtml(text)}</h${level}>`;
}

export function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

/** A table that scrolls by itself where it is too wide, by keyboard too. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("\n");
  const label = escapeHtml(`Table: ${head.filter(Boolean).join(", ") || "name, value"}`);
  return `<div class="table" role="region" aria-label="${label}" tabindex="0"><table>\n<tr>${cells("th", head)}</tr>\n${body}\n</table></div>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML shows it, in elements and attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
}

function sha256Base64(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
