/**
 * What a seeded run leaves behind is the same to the byte on every machine and every Node, and no change of
 * the code's structure may move it. The snapshot was written by Murmur 0.1; `vitest -u` writes it anew.
 */
import { afterAll, expect, it } from "vitest";
import { simulate } from "../../run/simulate.ts";
import { bytesOfResult, LentHosts } from "../support/run-bytes.ts";
import { CASES } from "../support/run-cases.ts";

/** A forked host as well: every trust, unit, algorithm and sampler, and what leaves a folder of its own. */
const FORKED =
  /^(purchases|faulty|clinics|mnist-cnn|records: (central|local|distributed|none|central, poisson|counts|suppress|lost clients)|clients: .*(central|poisson|fixed size))$/;

const host = new LentHosts();
afterAll(() => host.end());

it.each(CASES)("$name", async (one) => {
  const outcome = await simulate(one.scenario, { set: host.setOf(one) });
  const bytes = bytesOfResult(outcome);
  expect(bytes).toMatchSnapshot();
  if (FORKED.test(one.name)) expect(await host.run(one), "on a forked host").toEqual(bytes);
});
