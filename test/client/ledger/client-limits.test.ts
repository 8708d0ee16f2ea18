import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readLimits } from "../../../client/ledger/client-limits.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { scratch } from "../../support/murmur.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

it("are what the file says, and none without a file", () => {
  expect(readLimits(folder.path)).toBeNull();
  writeFileSync(join(folder.path, "limits.json"), '{"epsilon": 2.5, "delta": 1e-6}');
  expect(readLimits(folder.path)).toEqual({ epsilon: 2.5, delta: 1e-6 });
});

it.each([
  ["", "limits.json"],
  ["{", "limits.json"],
  ["[]", "limits.json"],
  ["null", "limits.json"],
  ['{"epsilon": 1}', "limits.json, delta"],
  ['{"epsilon": 0, "delta": 1e-6}', "limits.json, epsilon"],
  ['{"epsilon": -1, "delta": 1e-6}', "limits.json, epsilon"],
  ['{"epsilon": 1e999, "delta": 1e-6}', "limits.json, epsilon"],
  ['{"epsilon": "1", "delta": 1e-6}', "limits.json, epsilon"],
  ['{"epsilon": 1, "delta": 0}', "limits.json, delta"],
  ['{"epsilon": 1, "delta": 1}', "limits.json, delta"],
  ['{"epsilon": 1, "delta": 1e-6, "rho": 3}', "limits.json"],
])("refuses %s", (text, place) => {
  writeFileSync(join(folder.path, "limits.json"), text);
  const read = () => readLimits(folder.path);
  expect(read).toThrow(ScenarioError);
  expect(read).toThrow("clientLedger.limits");
  // The file and the key alone, where one key is to blame.
  expect(read).toThrow(`(${join(folder.path, place)}): got `);
  expect(read).not.toThrow("got undefined");
});
