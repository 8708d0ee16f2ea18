/** A peer that updates its clip norm between clipping and noising. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { scratch } from "../support/murmur.ts";
import { realRun } from "../support/real-run.ts";

const [ROUNDS, RECORDS, NOISE, START] = [12, 120, 0.9, 0.02] as const;
const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);

// Every record's gradient is ±1/2 of (side, one category, bias), of length √3 / 2, and in `side` of
// one sign: what side moves by tells the norm that clipped it. No record has the other categories,
// so these hold the noise alone. The model hardly moves, and the clip norm grows by half a round.
const SCENARIO = `
format: 1
name: growing
seed: 29
data:
  source: { file: sides.csv, testRows: 1, public: true }
  columns:
    side: { role: quasiIdentifier, type: integer, bounds: [-1, 1] }
    age: { role: quasiIdentifier, type: integer, bounds: [0, 200], bands: [${Array.from({ length: 150 }, (_, i) => i + 1)}] }
    bought: { role: target }
  target: { name: buys, column: bought, positive: "yes" }
features:
  side: { formula: "side", bounds: [-1, 1] }
  age: { formula: "oneHot(age)" }
training:
  rounds: ${ROUNDS}
  learningRate: 1e-6
  clipNorm: ${START}
  adaptiveClipping: { quantile: 0.8, learningRate: 0.5, bounds: [0.001, 100], bitNoise: 10 }
privacy: { trust: central, noiseMultiplier: ${NOISE}, delta: 0.002, population: ${RECORDS} }
clients: { count: 3 }
`;

describe("defect 2: Flower's noise, scaled by the next round's clip norm", () => {
  it(
    "noises each round by the clip norm that clipped it, while that grows from round to round",
    async () => {
      const rows = Array.from({ length: RECORDS + 1 }, (_, i) => (i % 3 ? "1,50,no" : "-1,50,yes"));
      writeFileSync(join(folder.path, "sides.csv"), `side,age,bought\n${rows.join("\n")}\n`);
      const scenario = parseScenario(SCENARIO, "growing.yaml");
      const { models, clients, sealed } = await realRun(scenario, { folder: folder.path });
      const all = [...clients.values()].map(({ examples }) => examples);
      const empty = Array.from({ length: sealed.model.inputs }, (_, i) => i).filter((column) =>
        all.every(({ inputs, width }) => inputs.every((x, at) => at % width !== column || x === 0)),
      );
      expect(empty.length).toBeGreaterThan(140);
      const rounds = models.slice(1).map((after, t) => {
        const moved = after.map((w, i) => ((models[t]?.[i] ?? Number.NaN) - w) / 1e-6);
        const clipNorm = Math.abs(moved[0] ?? Number.NaN) * Math.sqrt(3);
        const squares = empty.reduce(
          (sum, i) => sum + ((moved[i] ?? Number.NaN) * RECORDS) ** 2,
          0,
        );
        return { clipNorm, squares: squares / empty.length };
      });
      expect(rounds).toHaveLength(ROUNDS);
      expect(rounds[0]?.clipNorm).toBeGreaterThan(0.8 * START);
      expect(rounds[0]?.clipNorm).toBeLessThan(1.2 * START);
      // Beyond 0.6 some gradients may be shorter than the clip norm, which side then does not show.
      const clipped = rounds.slice(
        0,
        rounds.findIndex(({ clipNorm }) => clipNorm > 0.6),
      );
      expect(clipped.length).toBeGreaterThan(3);
      expect(clipped.at(-1)?.clipNorm).toBeGreaterThan(3 * START);
      // Variance over (noise × clip norm)²: 1, and a few hundredths for the lattice and the bits'
      // share. With the next round's norm it would be 2.2. Each round's own has a deviation of 12 %
      // and the norm's estimate, squared, one of 3 %: five of them, for a mean of four rounds.
      const ratios = clipped.map(({ clipNorm, squares }) => squares / (NOISE * clipNorm) ** 2);
      const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
      expect(mean).toBeGreaterThan(0.7);
      expect(mean).toBeLessThan(1.4);
    },
    TIMEOUT_MS,
  );
});
