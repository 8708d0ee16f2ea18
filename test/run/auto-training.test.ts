/** `training: auto` is its recipe, to the byte of the model. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { lint, simulate } from "../../murmur.ts";
import { SCENARIOS } from "../support/contracts.ts";

const PURCHASES = join(SCENARIOS, "purchases.yaml");

it.each(["central", "distributed"])("runs what lint says, under %s", async (trust) => {
  const set = { "privacy.trust": trust, "privacy.epsilon": 0.1 };
  const { recipe } = await lint(PURCHASES, { set: { ...set, training: "auto" } });
  expect(recipe?.rounds).toBeGreaterThanOrEqual(50);
  const short = await simulate(PURCHASES, { set: { ...set, training: "auto" } });
  const written = await simulate(PURCHASES, { set: { ...set, training: recipe } });
  expect(short.rounds).toHaveLength(recipe?.rounds ?? 0);
  expect(short.plan).toEqual(written.plan);
  expect(Buffer.from(short.model.parameters)).toEqual(Buffer.from(written.model.parameters));
});
