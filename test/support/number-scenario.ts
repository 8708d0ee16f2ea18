/** Sixty made-up rows, public, whose target is a number: y = 4 + 3a − 5b and something beside it. */
import { seededRoot, stream } from "../../shared/noise/random.ts";

export interface NumberRow {
  readonly a: number;
  readonly b: number;
  readonly y: number;
}

export function numberRows(count: number, seed: number): NumberRow[] {
  const random = stream(seededRoot(seed), "simulate", "numbers");
  const uniform = () => 2 * random.uniform() - 1;
  return Array.from({ length: count }, () => {
    const [a, b] = [uniform(), uniform()];
    return { a, b, y: 4 + 3 * a - 5 * b + 0.5 * random.normal() };
  });
}

/** A scenario as an object, for `simulate`. @param more keys of each part, merged into it */
export function numberScenario(more: {
  readonly training?: object;
  readonly privacy?: object;
  readonly clients?: object;
  readonly model?: object;
  readonly evaluation?: object;
  readonly rows?: readonly object[];
}) {
  return {
    format: 1,
    name: "numbers",
    seed: 3,
    data: {
      source: { file: more.rows ?? numberRows(60, 1), testFile: numberRows(40, 2), public: true },
      columns: {
        a: { role: "insensitive", type: "number", bounds: [-1, 1] },
        b: { role: "insensitive", type: "number", bounds: [-1, 1] },
        y: { role: "target", type: "number" },
      },
      target: { name: "size", column: "y", bounds: [-10, 20] },
    },
    features: { a: { formula: "a", bounds: [-1, 1] }, b: { formula: "b", bounds: [-1, 1] } },
    ...(more.model && { model: more.model }),
    training: { rounds: 30, learningRate: 0.5, clipNorm: 2, ...more.training },
    privacy: { trust: "none", delta: 1e-3, population: 60, ...more.privacy },
    clients: { count: 3, ...more.clients },
    ...(more.evaluation && { evaluation: more.evaluation }),
  };
}
