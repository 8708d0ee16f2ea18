/** What the report's sections are built of. Every argument that is text is escaped; `html` is not. */
import { escapeHtml, heading, table } from "../shared/page/html-page.ts";

export interface Section {
  readonly id: string;
  readonly title: string;
  /** Shown under the title, and told by the guided tour; no stop of the tour without it. */
  readonly explained?: string;
}

export function section({ id, title, explained }: Section, html: readonly string[]): string {
  const tour = explained === undefined ? "" : " data-tour";
  return `<section id="${escapeHtml(id)}"${tour}>
${heading(2, title)}
${explained === undefined ? "" : `<p class="explained">${escapeHtml(explained)}</p>`}
${html.join("\n")}
</section>`;
}

/** What can be looked up, behind one line. */
export function details(summary: string, html: readonly string[]): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${html.join("\n")}\n</details>`;
}

export function note(text: string): string {
  return `<p class="note">${escapeHtml(text)}</p>`;
}

export interface Figure {
  readonly title: string;
  /** What the picture shows, for who doesn't see it. */
  readonly told: string;
  /** One `<svg>` element. */
  readonly svg: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A picture, what it shows in words, and its numbers as a table. */
export function figure({ title, told, svg, head, rows }: Figure): string {
  const named = svg
    .replace("<svg ", `<svg role="img" aria-label="${escapeHtml(told)}" `)
    // Vega gives its groups roles without names: the picture as a whole has one.
    .replace("<g ", '<g aria-hidden="true" ');
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
${named}
${details("Its numbers", [table(head, rows)])}
</figure>`;
}
