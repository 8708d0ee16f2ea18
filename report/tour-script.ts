/**
 * The guided tour and the quiz: the one script of a report. It reads what the page says already, so
 * that without it nothing is lost but the way through. Plain JavaScript, as browsers run it.
 */

export const TOUR_SCRIPT = `
"use strict";
const start = document.getElementById("tour-start");
const panel = document.getElementById("tour");
const [place, title, text] = ["tour-place", "tour-title", "tour-text"].map((id) => document.getElementById(id));
const [back, next, leave] = ["tour-back", "tour-next", "tour-leave"].map((id) => document.getElementById(id));
const stops = [...document.querySelectorAll("[data-tour]")];
let at = -1;

function show(stop) {
  stops[at]?.classList.remove("lit");
  at = stop;
  const section = stops[at];
  section.classList.add("lit");
  section.scrollIntoView({ block: "start" });
  place.textContent = (at + 1) + " of " + stops.length;
  title.textContent = section.querySelector("h2").textContent;
  text.textContent = section.querySelector(".explained").textContent;
  back.disabled = at === 0;
  next.textContent = at === stops.length - 1 ? "To the questions" : "Next";
}

function open() {
  panel.hidden = false;
  document.body.classList.add("touring");
  show(0);
  next.focus();
}

function close(focused) {
  stops[at]?.classList.remove("lit");
  at = -1;
  panel.hidden = true;
  document.body.classList.remove("touring");
  focused.focus();
}

function forward() {
  if (at < stops.length - 1) show(at + 1);
  else close(document.querySelector(".question input"));
}

function backward() {
  if (at === 0) return;
  show(at - 1);
  if (at === 0) next.focus();
}

start.hidden = false;
start.addEventListener("click", open);
next.addEventListener("click", forward);
back.addEventListener("click", backward);
leave.addEventListener("click", () => close(start));
document.addEventListener("keydown", (event) => {
  if (panel.hidden || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowRight") forward();
  else if (event.key === "ArrowLeft") backward();
  else if (event.key === "Escape") close(start);
  else return;
  event.preventDefault();
});

for (const question of document.querySelectorAll(".question")) {
  question.addEventListener("change", ({ target }) => {
    const right = target.hasAttribute("data-right");
    const verdict = question.querySelector(".verdict");
    verdict.textContent = right ? "That is right." : "That does not hold here.";
    verdict.classList.toggle("right", right);
    question.querySelector("details").open = true;
  });
}
`;

/** Where the script shows its stops; hidden until it does. */
export const TOUR_PANEL = `<div id="tour" role="dialog" aria-labelledby="tour-title" aria-describedby="tour-text" hidden>
<p id="tour-place"></p>
<p id="tour-title"></p>
<p id="tour-text" aria-live="polite"></p>
<div><button type="button" id="tour-leave">Leave <kbd>Esc</kbd></button><button type="button" id="tour-back">Back <kbd>←</kbd></button><button type="button" id="tour-next">Next</button></div>
</div>`;
