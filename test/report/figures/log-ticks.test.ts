/** A logarithmic axis has two labels at least, none far from what it shows. */
import { expect, it } from "vitest";
import { logTicks } from "../../../report/figures/log-ticks.ts";

it.each([
  [
    [0.01, 0.3, 1],
    [0.01, 0.03, 0.1, 0.3, 1],
  ],
  [
    [0.0444, 0.705],
    [0.1, 0.3],
  ],
  [
    [0.45, 0.7],
    [0.5, 0.6, 0.7],
  ],
  [
    [0.11, 0.22],
    [0.1, 0.2],
  ],
  [
    [12, 900],
    [30, 100, 300],
  ],
])("%j → %j", (values, marks) => {
  expect(logTicks(values)).toEqual(marks);
});
