import { expect, it } from "vitest";
import { divergedLines, ofNoteLines } from "../../../cli/screen/client-notes.ts";
import { fairnessLines, heldOutLines } from "../../../cli/screen/held-out-lines.ts";

const calibration = { bins: [], expectedError: 0.0123, brier: 0.4 };

it("shows the whole matrix of few classes, and the figures that there are", () => {
  const confusion = [
    [90, 10],
    [5, 95],
  ];
  const lines = heldOutLines({ classes: ["no", "yes"], confusion, auc: 0.98765, calibration });
  expect(lines[0]).toBe("    AUC 0.9877, calibration error 1.2 points, Brier score 0.4000");
  expect(lines.slice(1).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ["is \\ taken for", "no", "yes"],
    ["no", "90", "10"],
    ["yes", "5", "95"],
  ]);
  expect(heldOutLines({ classes: ["no", "yes"], confusion, auc: null, calibration: null })).toEqual(
    lines.slice(1),
  );
});

it("names of many classes those most often confused", () => {
  const classes = ["a", "b", "c", "d", "e"];
  const confusion = classes.map((_, i): number[] => classes.map((_, j) => (i === j ? 50 : 0)));
  const told = (given: number[][]) =>
    heldOutLines({ classes, confusion: given, auc: null, calibration: null });
  expect(told(confusion)).toEqual(["    no class was taken for another"]);
  const wrong = confusion.map((row) => [...row]);
  for (const [i, j, count] of [
    [0, 1, 3],
    [2, 4, 9],
    [4, 0, 1],
    [3, 2, 5],
  ] as const)
    wrong[i]?.splice(j, 1, count);
  expect(told(wrong)).toEqual([
    "    most often confused: c taken for e (9), d taken for c (5), a taken for b (3)",
  ]);
});

it("says of accuracy by client whether it was charged", () => {
  const clients = [
    { client: "c1", accuracy: 0.5 },
    { client: "c2", accuracy: null },
  ];
  const told = { clients, mean: 0.5, worstDecile: 0.25, bestDecile: 0.75 } as const;
  const [figures, source] = fairnessLines({ ...told, source: "simulation" });
  expect(figures).toContain("worst tenth 25.0 %, best tenth 75.0 %, gap 50.0 points");
  expect(source).toContain("1 clients with rows; simulation only, not private");
  expect(fairnessLines({ ...told, source: "charged" })[1]).toContain("charged");
  expect(fairnessLines(null)).toEqual([]);
});

it("names the first few clients of note, a line each kind", () => {
  const names = Array.from({ length: 7 }, (_, i) => `c${i + 1}`);
  expect(ofNoteLines({ empty: [], oneClass: [] })).toEqual([]);
  const [empty, oneClass] = ofNoteLines({ empty: names, oneClass: ["c9"] });
  expect(empty).toContain("c1, c2, c3, c4, c5 and 2 more");
  expect(oneClass).toContain("one class only: c9");
});

it("says in which rounds a client diverged, from 1, and how many more did", () => {
  const diverged = new Map([
    ["c2", [0, 2]],
    ["c1", [4]],
  ]);
  expect(divergedLines(diverged)).toEqual([
    "    c1: its update was not finite in round 5; zeros went in its place",
    "    c2: its update was not finite in rounds 1, 3; zeros went in its place",
  ]);
  const many = new Map(Array.from({ length: 8 }, (_, i) => [`c${i}`, [0]] as const));
  expect(divergedLines(many).at(-1)).toBe("    and so of 3 more clients");
});
