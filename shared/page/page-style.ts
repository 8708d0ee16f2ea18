/** How the pages look: system fonts, one accent, light and dark by the reader's own setting. */

export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1a1c20; --muted: #5b616b; --line: #e0e3e8; --paper: #ffffff; --raised: #f6f7f9;
  --accent: #0b62a0; --on-accent: #ffffff; --warn: #8a4100; --warn-paper: #fff4e5;
  --series-1: #0072b2; --series-2: #d55e00; --series-3: #009e73;
  --series-4: #cc79a7; --series-5: #e69f00; --series-6: #56b4e9;
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ink: #e8eaed; --muted: #a7afba; --line: #2f353d; --paper: #14171b; --raised: #1c2026;
    --accent: #6cbdf2; --on-accent: #0c1116; --warn: #ffc078; --warn-paper: #2c2114;
    --series-1: #56b4e9; --series-2: #e69f00; --series-3: #2cb88f;
    --series-4: #cc79a7; --series-5: #d55e00; --series-6: #f0e442;
  }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font-variant-numeric: tabular-nums; }
main { max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.25rem 6rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 3rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { max-width: 44rem; margin: .5rem 0; overflow-wrap: anywhere; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.table { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1.25rem .4rem 0; border-bottom: 1px solid var(--line); white-space: pre-line; overflow-wrap: break-word; max-width: 32rem; }
th { font-weight: 600; color: var(--muted); }
`;
