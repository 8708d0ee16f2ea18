/**
 * What a seeded run leaves behind is the same to the byte on every machine and every Node, and no change of
 * the code's structure may move it. The snapshot was written by Murmur 0.1; `vitest -u` writes it anew.
 */
import { afterAll, expect, it } from "vitest";
import { simulate } from "../../run/simulate.ts";
import { bytesOfOutcome, LentHost } from "../support/run-bytes.ts";
import { CASES } from "../support/run-cases.ts";

const host = new LentHost();
afterAll(() => host.end());

it.each(CASES)("$name", async (one) => {
  const bytes = await host.run(one);
  expect(bytes).toMatchSnapshot();
  const outcome = await simulate(one.scenario, { set: host.setOf(one) });
  expect(bytesOfOutcome(outcome), "the same run in this process").toEqual(bytes);
});
