import { parseScenario } from "../../shared/scenario/scenario.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";

/**
 * Sixty generated customers, dealt so that their three clients' sizes differ much; a logistic model
 * of seven parameters that starts at zero. learningRate 1 and momentum 0: two models in a row tell
 * what the round between them released.
 *
 * @param set overrides by their path in the file, as `--set` takes them
 */
export function smallScenario(set: Readonly<Record<string, string>> = {}): Scenario {
  const overrides = Object.entries(set).map(([path, value]) => ({ path, value }));
  return parseScenario(SMALL, "small.yaml", overrides);
}

const SMALL = `
format: 1
name: small
seed: 11
data:
  source: { generator: purchases, rows: 60, testRows: 10 }
  columns:
    name: { role: directIdentifier }
    email: { role: directIdentifier }
    location: { role: drop }
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120] }
    purchaseHistory: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 360, maxEvents: 50, amount: { clip: [0, 500] } }
  target: { name: boughtWithin30Days, event: purchaseHistory, within: 30 }
  partition: { kind: dirichlet, alpha: 0.5 }
features:
  often: { formula: "count(purchaseHistory)", bounds: [0, 50], scale: log }
  many: { formula: "count(purchaseHistory)", bounds: [0, 20] }
  spend: { formula: "mean(purchaseHistory.amount, 0)", bounds: [0, 500], scale: log }
  recent: { formula: "min(purchaseHistory.daysBefore, 360)", bounds: [0, 360], scale: log }
  late: { formula: "min(purchaseHistory.daysBefore, 360)", bounds: [0, 90] }
  age: { formula: "age", bounds: [18, 80] }
model: { kind: logistic }
training: { rounds: 2000, learningRate: 1, momentum: 0, clipNorm: 1.5 }
privacy: { trust: none, delta: 0.005, population: 60, noise: seeded }
clients: { count: 3 }
`;
