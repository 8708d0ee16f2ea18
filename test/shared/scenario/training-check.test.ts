import { describe, expect, it } from "vitest";
import type { Scenario } from "../../../shared/scenario/schema.ts";
import { TRAINING_RULES } from "../../../shared/scenario/training-check.ts";
import { shippedScenario } from "../../support/contracts.ts";

const scenario = shippedScenario("purchases-clients");
const faultOf = (clients: Partial<Scenario["clients"]>, isPublic: boolean) => {
  const { generator: _, ...source } = scenario.data.source;
  const data = { ...scenario.data, source: { ...source, file: "shops.csv", public: isPublic } };
  const given = { ...scenario, data, clients: { ...scenario.clients, ...clients } };
  return TRAINING_RULES.map((rule) => rule(given)).find((fault) => fault !== undefined)?.[0];
};

describe("clients that fail on purpose", () => {
  const stragglers = { share: 0.5, localEpochs: 1 };

  it("are refused on private data, whose failures are to be their own", () => {
    expect(faultOf({ dropOut: 0.1 }, false)).toBe("clients.dropOut");
    expect(faultOf({ stragglers }, false)).toBe("clients.stragglers");
    const faults = [{ kind: "hang", chance: 1 }] as const;
    expect(faultOf({ faults: [...faults] }, false)).toBe("clients.faults");
    expect(faultOf({ faults: [...faults] }, true)).toBeUndefined();
  });

  it("may be asked for on public data, and on generated", () => {
    expect(faultOf({ dropOut: 0.1, stragglers }, true)).toBeUndefined();
    expect(faultOf({ dropOut: 0 }, false)).toBeUndefined();
  });
});
