/**
 * What an ε against the anonymized table is worth against the raw one, at the same δ. An ε alone does not say
 * that: group privacy, which holds of whatever has it, lets δ grow as e^(kε), and soon promises nothing. So it
 * is taken to be that of full batches under Gaussian noise, and priced as a run prices them; of other samplers
 * `murmur lint` says it.
 */

import { leastNoise } from "../../shared/accounting/calibrate.ts";
import type { CountedEvent } from "../../shared/accounting/charged-history.ts";
import { byAdversary } from "../../shared/accounting/mechanisms/event.ts";
import { rawEpsilonOf } from "../../shared/claims/raw-spending.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import { BudgetError } from "../../shared/errors.ts";
import {
  type RawFactor,
  type RawPrice,
  rawFactor,
  rawReason,
} from "../../shared/privacy/group-privacy.ts";
import type { TableSchema } from "../../shared/scenario/table-schema.ts";

export interface Price {
  readonly anonymized: RawPrice;
  /** At the same δ; null: none. */
  readonly raw: RawPrice | null;
  /** Units whose rows one unit of the raw table moves; null: any number. */
  readonly factor: RawFactor;
  readonly reason: string;
}

export function priceOf(
  guarantee: TableSchema["guarantee"],
  anonymity: Contract["anonymity"],
): Price {
  const { unit, epsilon, delta, rowsPerPerson } = guarantee;
  const factor = rawFactor(anonymity, unit, rowsPerPerson);
  return {
    anonymized: { epsilon, delta },
    raw: factor === 1 ? { epsilon, delta } : rawOf(guarantee, factor),
    factor,
    reason: rawReason(factor, unit, rowsPerPerson),
  };
}

function rawOf(
  { unit, adjacency, epsilon, delta, rowsPerPerson: rows = 1 }: TableSchema["guarantee"],
  factor: RawFactor,
): RawPrice | null {
  if (factor === null) return null;
  const batch = (noiseMultiplier: number): CountedEvent => ({
    event: {
      ...{ mechanism: "gaussian", noiseMultiplier, sampling: { kind: "full" }, adjacency },
      ...(rows === 1 ? {} : { rows }),
    },
    count: 1,
  });
  try {
    const noise = leastNoise({ accountant: "gdp", epsilon, delta }, (z) => [batch(z)]);
    const events = byAdversary(() => [batch(noise)]);
    const charges = { unit, accountant: "gdp", rowFactor: factor, distance: 0, events } as const;
    const rules = { unit, adjacency, accountant: "gdp", delta, rawFactor: factor } as const;
    const raw = rawEpsilonOf(rules, charges, "modelRecipients");
    return raw === null ? null : { epsilon: raw, delta };
  } catch (error) {
    if (error instanceof BudgetError) return null;
    throw error;
  }
}
