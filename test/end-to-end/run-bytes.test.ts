/**
 * What a seeded run leaves behind is the same to the byte on every machine and every Node, and no change of
 * the code's structure may move it. The snapshot was written by Murmur 0.1; `vitest -u` writes it anew.
 */
import { afterAll, expect, it } from "vitest";
import { LentHost } from "../support/run-bytes.ts";
import { CASES } from "../support/run-cases.ts";

const host = new LentHost();
afterAll(() => host.end());

it.each(CASES)("$name", async (one) => {
  expect(await host.run(one)).toMatchSnapshot();
});
