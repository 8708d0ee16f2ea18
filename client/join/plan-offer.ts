/**
 * IO: a coordinator's plan, fetched over a connection of its own that ends before any row is read. What
 * ends it early follows from the plan, the owner's terms and the owner's ledger, never from the rows.
 */
import { checkFormulaTexts } from "../../shared/contract/formula-agreement.ts";
import { BudgetError, ProtocolError } from "../../shared/errors.ts";
import { openPlan, type SealedPlan } from "../../shared/plan/plan.ts";
import { TIMING } from "../../shared/timing.ts";
import { PLAN_READ } from "../../shared/wire/protocol.ts";
import { requireAlgorithm } from "../algorithms/outside.ts";
import type { Address } from "../connection/dial.ts";
import type { Patience } from "../connection/dialler.ts";
import { type KnownRun, Session } from "../connection/session.ts";
import type { ClientLedger } from "../ledger/client-ledger.ts";
import {
  checkLimits,
  checkModelPast,
  checkProtection,
  type OwnerTerms,
  overLimits,
} from "./agreement.ts";

export interface Offer {
  /** As this side has checked it. */
  readonly sealed: SealedPlan;
  readonly known: KnownRun;
}

export interface OfferSettings extends Patience {
  readonly address: Address;
  readonly terms: OwnerTerms;
  readonly ledger: ClientLedger | undefined;
  /** To be called once the plan is here. */
  readonly enrolled: () => void;
  /** Hears of the plan once it is known to say what it computes, before it is held against any term. */
  readonly shown: (sealed: SealedPlan, runId: string) => void;
}

/** @throws ProtocolError, BudgetError; the coordinator is told which, and no number */
export async function fetchOffer(settings: OfferSettings, signal: AbortSignal): Promise<Offer> {
  const { address, giveUpAfterMs, retrying } = settings;
  const link = new Session(address, TIMING, { giveUpAfterMs, retrying });
  const leave = () => link.leave();
  signal.addEventListener("abort", leave, { once: true });
  try {
    if (signal.aborted) leave();
    const sealed = await readPlan(link, settings);
    const { runId } = link;
    link.leave(PLAN_READ);
    await link.over;
    return { sealed, known: { runId, planHash: sealed.hash, egress: link.egress } };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal) link.refuse(refusal);
    else link.leave();
    await link.over;
    throw error;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

async function readPlan(
  link: Session,
  { terms, ledger, enrolled, shown }: OfferSettings,
): Promise<SealedPlan> {
  const { bytes, hash } = await link.plan;
  enrolled();
  const sealed = openPlan(bytes, hash);
  requireAlgorithm(sealed.plan);
  await checkFormulaTexts(sealed.plan.contract);
  shown(sealed, link.runId);
  const { privacy } = sealed.plan;
  checkProtection(privacy, terms);
  checkModelPast(sealed.plan, terms);
  if (ledger) checkLimits(privacy, link.runId, ledger);
  return sealed;
}

/** What the coordinator is told; undefined: nothing. */
function refusalOf(error: unknown): ProtocolError | undefined {
  if (error instanceof ProtocolError) return error;
  if (error instanceof BudgetError) return overLimits();
  return undefined;
}
