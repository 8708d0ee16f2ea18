/** What a run's report adds to the look of all pages. */

export const REPORT_STYLE = `
section { scroll-margin-top: 1rem; border-radius: .5rem; }
.kicker { color: var(--muted); font-size: .875rem; letter-spacing: .02em; }
.lede { font-size: 1.125rem; }
.explained { font-size: 1.0625rem; }
.note { color: var(--warn); background: var(--warn-paper); border-left: 3px solid; padding: .5rem 1rem; border-radius: 0 .25rem .25rem 0; }
button { font: inherit; color: var(--ink); background: var(--raised); border: 1px solid var(--line); border-radius: .4rem; padding: .45rem 1rem; cursor: pointer; }
#tour-start, #tour-next { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
button:disabled { color: var(--muted); cursor: default; }
kbd { font: inherit; font-size: .8em; opacity: .75; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1.5rem; margin: 1.75rem 0; }
.tiles div { border-top: 2px solid var(--accent); padding-top: .5rem; }
.tiles dt { color: var(--muted); font-size: .875rem; }
.tiles dd { margin: 0; font-size: 1.75rem; line-height: 1.3; }
.tiles small { display: block; color: var(--muted); font-size: .8125rem; line-height: 1.4; }
.strip { list-style: none; margin: 2.5rem 0 1rem; padding: 0; display: grid; grid-template-columns: repeat(6, 1fr); gap: 1.5rem; }
.strip li { position: relative; background: var(--raised); border-radius: .5rem; }
.strip li + li::before { content: "→"; position: absolute; left: -1.2rem; top: 40%; color: var(--muted); }
.strip a { display: flex; flex-direction: column; height: 100%; padding: .75rem; color: inherit; text-decoration: none; font-size: .875rem; line-height: 1.35; }
.strip b { font-weight: 600; margin-bottom: auto; padding-bottom: .75rem; }
.strip a:hover b { text-decoration: underline; }
.strip span { color: var(--muted); }
.shape { font-size: 1.25rem; margin: .75rem 0; }
.shape span { font-size: .875rem; color: var(--muted); margin-right: .5rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 2rem; margin: 1.5rem 0; align-items: start; }
figure { margin: 0; }
figcaption { font-weight: 600; font-size: .9375rem; margin-bottom: .5rem; }
figure svg { width: 100%; max-width: 44rem; height: auto; display: block; }
details { margin: .75rem 0; font-size: .9375rem; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
.layers { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; counter-reset: layer; }
.layers > li { background: var(--raised); border-radius: .5rem; padding: 1rem 1.25rem; counter-increment: layer; min-width: 0; }
.layers h3 { margin: 0 0 .5rem; }
.layers h3::before { content: "Layer " counter(layer) ": "; color: var(--muted); font-weight: 400; }
.layers ul { list-style: none; margin: 0; padding: 0; font: .8125rem/1.6 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.ladder { list-style: none; padding: 0; margin: 1.5rem 0; display: grid; gap: 1.5rem; }
.ladder div:first-child { display: flex; justify-content: space-between; gap: 1rem; }
.epsilon { font-size: 1.25rem; line-height: 1.2; }
.bar { height: .6rem; background: var(--raised); border-radius: .3rem; overflow: hidden; margin: .4rem 0; }
.bar i { display: block; height: 100%; background: var(--accent); border-radius: .3rem; }
.bar.open i { background: repeating-linear-gradient(135deg, var(--series-2) 0 6px, transparent 6px 11px); }
.ladder p { color: var(--muted); font-size: .9375rem; max-width: none; margin: .25rem 0 0; }
pre { background: var(--raised); border-radius: .5rem; padding: 1rem 1.25rem; overflow-x: auto; font-size: .875rem; }
.question { border: 0; margin: 1.5rem 0; padding: 0; min-width: 0; }
.question legend { font-weight: 600; padding: 0; margin-bottom: .5rem; }
.question label { display: flex; gap: .6rem; padding: .3rem 0; cursor: pointer; }
.verdict { font-weight: 600; color: var(--warn); min-height: 1.6rem; }
.verdict.right { color: var(--accent); }
#insight { background: var(--raised); padding: .25rem 1.5rem 1.25rem; margin-top: 3rem; }
#insight h2 { margin-top: 1rem; }
.lit { outline: 2px solid var(--accent); outline-offset: .9rem; }
.lit:not(#insight) > .explained { display: none; }
.touring main { padding-bottom: 24rem; }
#tour { position: fixed; inset: auto 0 0; margin: 0 auto; max-width: 48rem; max-height: 45vh; overflow-y: auto; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem .75rem 0 0; box-shadow: 0 -.5rem 2rem #0003; padding: 1rem 1.5rem 1.25rem; }
#tour p { margin: 0 0 .4rem; }
#tour-place { color: var(--muted); font-size: .875rem; }
#tour-title { font-weight: 600; font-size: 1.125rem; }
#tour > div { display: flex; gap: .6rem; flex-wrap: wrap; position: sticky; bottom: -1.25rem; background: var(--paper); padding: .75rem 0 .25rem; }
#tour-leave { margin-right: auto; }
@media (max-width: 52rem) {
  .strip { grid-template-columns: repeat(2, 1fr); }
  .strip li + li::before { content: none; }
  #tour { font-size: .9375rem; padding: .75rem 1rem 1.25rem; max-height: 55vh; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print { #tour, #tour-start, #quiz { display: none; } section { break-inside: avoid; } }
`;
