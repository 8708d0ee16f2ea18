/** Peers in which a client counts by its rows, or by its tensors, and the noise does not know it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makePlan } from "../../shared/plan/plan.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import { contractFor } from "../support/contracts.ts";
import { scratch } from "../support/murmur.ts";
import { realRun } from "../support/real-run.ts";
import { exactGaussianEpsilon } from "../support/statistics.ts";

const [CLIENTS, CLIP_NORM] = [5, 0.01] as const;
const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);

const SCENARIO = `
format: 1
name: shops
seed: 5
data:
  source: { file: shops.csv, testRows: 2, public: true }
  columns:
    shop: { role: quasiIdentifier, hierarchy: { ${Array.from({ length: CLIENTS }, (_, i) => `s${i}: [all]`).join(", ")} }, level: 0 }
    age: { role: quasiIdentifier, type: integer, bounds: [0, 100] }
    bought: { role: target }
  target: { name: buys, column: bought, positive: "yes" }
  partition: { kind: byColumn, column: shop }
features: { age: { formula: "age", bounds: [0, 100] } }
model: { kind: mlp, hidden: [6] }
training: { algorithm: fedAvg, rounds: 1, learningRate: 1, clipNorm: ${CLIP_NORM} }
privacy: { unit: client, trust: none, delta: 1e-3, population: ${CLIENTS} }
clients: { count: ${CLIENTS} }
`;

function scenarioWith(set: Readonly<Record<string, string>> = {}): Scenario {
  const overrides = Object.entries(set).map(([path, value]) => ({ path, value }));
  return parseScenario(SCENARIO, "shops.yaml", overrides);
}

/** What the first round moved each parameter by; nine tenths of the rows are the first shop's. */
async function movedBy(largeShopBuys: boolean, set: Readonly<Record<string, string>> = {}) {
  const rows = Array.from({ length: 200 }, (_, i) => {
    const shop = i < 180 ? 0 : 1 + (i % (CLIENTS - 1));
    const buys = shop === 0 ? largeShopBuys : i % 3 === 0;
    return `s${shop},${20 + (i % 60)},${buys ? "yes" : "no"}`;
  });
  writeFileSync(join(folder.path, "shops.csv"), `shop,age,bought\n${rows.join("\n")}\n`);
  const { models, clients } = await realRun(scenarioWith(set), { folder: folder.path });
  const [before = new Float32Array(), after = before] = models;
  const moved = Array.from(after, (w, i) => w - (before[i] ?? Number.NaN));
  return { moved, sizes: [...clients.values()].map(({ examples }) => examples.count) };
}

const length = (vector: readonly number[]) => Math.hypot(...vector);

describe("defect 3: Flower's mean, weighted by private row counts", () => {
  it(
    "moves by at most 2 clip norms over the divisor, whichever way nine tenths of the rows point",
    async () => {
      const [one, other] = [await movedBy(true), await movedBy(false)];
      expect(Math.max(...one.sizes)).toBeGreaterThan(20 * Math.min(...one.sizes));
      const apart = length(one.moved.map((x, i) => x - (other.moved[i] ?? Number.NaN)));
      // Weighted by rows it would be nine tenths of 2 clip norms, not a fifth.
      expect(apart).toBeLessThanOrEqual(((2 * CLIP_NORM) / CLIENTS) * 1.001);
      expect(apart).toBeGreaterThan((0.3 * 2 * CLIP_NORM) / CLIENTS);
      expect(length(one.moved)).toBeLessThanOrEqual(CLIP_NORM * 1.001);
    },
    TIMEOUT_MS,
  );
});

describe("defect 6: Flower's clip of each tensor on its own", () => {
  it.each(["flat", "perLayer"])(
    "moves by at most the clip norm over all tensors together: %s",
    async (clipping) => {
      // One client, for the updates of several cut one another short.
      const alone = { "clients.count": "1", "privacy.population": "1" };
      const { moved } = await movedBy(true, { ...alone, "training.clipping": clipping });
      expect(length(moved)).toBeLessThanOrEqual(CLIP_NORM * 1.001);
      expect(length(moved)).toBeGreaterThan(0.5 * CLIP_NORM);
    },
    TIMEOUT_MS,
  );
});

describe("defect 9: Disco's layers, each noised as if it were released alone", () => {
  it.each(["flat", "perLayer"])(
    "states the epsilon of all layers together: %s",
    async (clipping) => {
      const scenario = scenarioWith({
        "training.clipping": clipping,
        "training.rounds": "4",
        "privacy.trust": "central",
        "privacy.noiseMultiplier": "3",
      });
      const { plan } = makePlan(scenario, await contractFor(scenario), "fused");
      const { epsilon, noiseStddev, scale, delta } = plan.privacy;
      // The noise of every coordinate, over the clip norm of the whole update.
      const multiplier = noiseStddev / scale / CLIP_NORM;
      expect(multiplier).toBeGreaterThanOrEqual(3);
      expect(epsilon).toBeGreaterThanOrEqual(exactGaussianEpsilon(2 / multiplier, delta));
    },
  );
});
