/** A round's clients without connections that mask: each step's answers come as soon as its list is sent. */
import type { MaskingClient } from "../../client/secagg/masking-client.ts";
import type { AttemptWire } from "../../server/attempts/attempt-wire.ts";
import type { MaskedAttempt } from "../../server/attempts/masked-attempt.ts";
import type { RoundClients } from "../../server/attempts/round-clients.ts";
import { attemptContext } from "../../shared/secagg/attempt-context.ts";
import { confirmationOf, type KeyList, openKeyList } from "../../shared/secagg/key-list.ts";
import {
  packKeys,
  packPackets,
  packShares,
  unpackKeyList,
  unpackPackets,
  unpackSignatures,
  unpackSurvivors,
} from "../../shared/secagg/step-lists.ts";
import type { StepDown, StepUp } from "../../shared/secagg/wire-steps.ts";
import { clientsOf, identityKeys } from "./masked-attempt.ts";
import { clientsHere } from "./round-clients.ts";

const RUN_ID = "05".repeat(16);
const TIMING = { stepMs: 1_000, trainMs: 1_000, awayMs: 1_000 };

/**
 * @param inputs what each masks, by client index
 * @param sent called with each step that the coordinator begins, before any client knows of it
 * @param answers false for a client that does not answer that step
 */
export function maskedClients(
  planHash: string,
  inputs: readonly Int32Array[],
  sent: (step: StepDown | "begin") => void,
  answers: (clientIndex: number, step: StepUp | "masked") => boolean = () => true,
): RoundClients {
  const all = inputs.map((_, clientIndex) => clientIndex);
  const gather: RoundClients["gather"] = async (attempt, _, gathering) => {
    if (attempt.kind !== "masked") throw new Error("masks were not asked for");
    await gathering(wireTo(attempt, planHash, inputs, sent, answers));
  };
  const keys = identityKeys(inputs.length);
  const roster = all.map((clientIndex) => ({
    vclient: clientIndex,
    key: keys[clientIndex]?.publicKey ?? Buffer.alloc(32),
  }));
  return { ...clientsHere(all, gather), roster, runId: RUN_ID };
}

function wireTo(
  attempt: MaskedAttempt,
  planHash: string,
  inputs: readonly Int32Array[],
  sent: (step: StepDown | "begin") => void,
  answers: (clientIndex: number, step: StepUp | "masked") => boolean,
): AttemptWire {
  const { round, attempt: number, terms, roster } = attempt;
  const ids = { round, attempt: number };
  const context = attemptContext({ runId: RUN_ID, ...ids, planHash });
  const setup = { terms, context, roster };
  const machines = clientsOf({ setup, identities: identityKeys(inputs.length), inputs });
  const alive = new Map(machines.entries());
  const each = (step: StepUp, answer: (machine: MaskingClient) => Buffer) => {
    for (const [clientIndex, machine] of alive)
      if (answers(clientIndex, step))
        attempt.offer({ kind: "step", ...ids, vclient: clientIndex, step, bytes: answer(machine) });
      else alive.delete(clientIndex);
  };
  let list: KeyList | undefined;
  let survivors: readonly number[] = [];
  return {
    begin: () => {
      sent("begin");
      each("keys", (machine) => packKeys(machine.advertise()));
    },
    toAll: (step, bytes) => {
      sent(step);
      if (step === "keys") list = openKeyList(unpackKeyList(bytes), setup);
      const keys = list;
      if (keys === undefined) throw new Error("no keys yet");
      if (step === "keys") each("packets", (machine) => packPackets(machine.share(keys)));
      else if (step === "survivors") {
        survivors = unpackSurvivors(bytes);
        each("confirm", (machine) => machine.confirm(survivors));
      } else {
        const confirmation = confirmationOf(survivors, unpackSignatures(bytes), setup, keys);
        each("unmask", (machine) => packShares(machine.unmask(confirmation)));
      }
    },
    toOne: (clientIndex, step, bytes) => {
      sent(step);
      const [machine, input] = [alive.get(clientIndex), inputs[clientIndex]];
      if (!machine || !input || !answers(clientIndex, "masked")) {
        alive.delete(clientIndex);
        attempt.excuse([clientIndex]);
        return;
      }
      const masked = machine.mask(unpackPackets(bytes), input);
      attempt.offer({
        kind: "masked",
        ...ids,
        vclient: clientIndex,
        masked,
        sha256: `${clientIndex}`,
      });
    },
    unreachable: [],
    timing: TIMING,
    ended: new AbortController().signal,
  };
}
