import { expect, it } from "vitest";
import { heldOutBaseline, heldOutWarnings } from "../../../shared/events/held-out-baseline.ts";

const classes = ["no", "yes"];
const calibration = { bins: [], expectedError: 0, brier: 0 };
/** Of 100 rows 70 are no. */
const learned = {
  classes,
  confusion: [
    [65, 5],
    [5, 25],
  ],
  calibration,
};
const constant = {
  classes,
  confusion: [
    [70, 0],
    [30, 0],
  ],
  calibration,
};
/** −0.7 ln 0.7 − 0.3 ln 0.3, by hand. */
const ENTROPY = 0.6108643020548935;

it("counts what always calling the most frequent class reaches, and what chance makes of it", () => {
  const { rows, right, accuracy, majority, majorityClass, chanceLoss, onlyClass } =
    heldOutBaseline(learned);
  expect({ rows, right, accuracy, majority, majorityClass, onlyClass }).toEqual({
    rows: 100,
    right: 90,
    accuracy: 0.9,
    majority: 0.7,
    majorityClass: "no",
    onlyClass: null,
  });
  expect(chanceLoss).toBeCloseTo(ENTROPY, 12);
  // Wilson's interval of 90 of 100, as published tables have it.
  const [low, high] = heldOutBaseline(learned).interval;
  expect([low.toFixed(4), high.toFixed(4)]).toEqual(["0.8256", "0.9448"]);
});

it("counts a class that no row has as never called, and takes the first of two as frequent", () => {
  const three = {
    classes: ["a", "b", "c"],
    confusion: [
      [0, 2, 0],
      [0, 2, 0],
      [0, 0, 0],
    ],
  };
  expect(heldOutBaseline(three)).toMatchObject({
    majority: 0.5,
    majorityClass: "a",
    onlyClass: "b",
  });
});

it("has no warning for a model that learned", () => {
  expect(heldOutWarnings(learned, 0.3)).toEqual([]);
});

it("warns of a model that calls one class only", () => {
  expect(heldOutWarnings(constant, 0.6)).toEqual([
    "the model calls every row no: its accuracy is that class's share, and nothing was learned",
  ]);
});

it("warns where the rows are too few to tell it from the most frequent class", () => {
  const slight = {
    classes,
    confusion: [
      [66, 4],
      [20, 10],
    ],
    calibration,
  };
  expect(heldOutWarnings(slight, 0.5)).toEqual([
    "by 100 held-out rows the model cannot be told from always calling no (70.0 %)",
  ]);
});

it("warns of a loss above that of the classes' shares, from there on and no sooner", () => {
  expect(heldOutWarnings(learned, ENTROPY)).toEqual([]);
  expect(heldOutWarnings(learned, ENTROPY + 1e-3)).toEqual([
    "its loss 0.612 is above 0.611, which always giving the classes their shares reaches: its likelihoods are worse than none",
  ]);
  expect(heldOutWarnings(learned, Number.NaN)).toHaveLength(1);
  expect(heldOutWarnings(learned, null)).toEqual([]);
  // A squared error is on another scale.
  expect(heldOutWarnings({ ...learned, calibration: null }, 2)).toEqual([]);
});
