/** What a host keeps of what it was asked, over links that a test stands in for. */
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ClientWork, type Line } from "../../../client/connection/client-work.ts";
import type { MaskedRequest, RoundRequest } from "../../../client/connection/round-request.ts";
import { secaggTerms } from "../../../shared/secagg/terms.ts";
import { sealedWith } from "../../support/plans.ts";

/** A link that notes what leaves by it; the coordinator has each update whole at once, unless it is deaf. */
function lineOf(name: string, left: string[], delivery: "taken" | "lost" = "taken"): Line {
  return {
    send: async ({ round, attempt }, client, update) => {
      left.push(`${name}: update ${round}/${attempt} of ${client}: ${update.join(" ")}`);
      return delivery;
    },
    sendStep: (_, client, step, bytes) => left.push(`${name}: ${step} of ${client}: ${bytes[0]}`),
    decline: (_, client, { reason }) => left.push(`${name}: decline of ${client}: ${reason}`),
  };
}

/** A host of three clients that has been asked this, and let in by one link after another. */
function asked(
  noise: "secure" | "seeded" = "secure",
  trust: "central" | "distributed" = "central",
) {
  const left: string[] = [];
  const masks = { accountant: "zcdp", clients: 5, minCohort: 4, colluders: 1 } as const;
  const terms = { noise, trust, ...(trust === "distributed" && masks) };
  const work = new ClientWork();
  const plan = sealedWith(terms).plan.privacy;
  work.begin(plan);
  const ask = (request: RoundRequest, line: Line) => {
    work.asked(request, line);
    work.request(request);
  };
  return { plan, work, left, ask };
}

const plain = (round: number, cohort = [0, 1, 2]): RoundRequest => ({
  ...{ kind: "plain", round, attempt: 0, task: "train", clipNorm: 0.5, cohort },
  parameters: new Float32Array(2),
});
const masked = (attempt: number, lacking: MaskedRequest["lacking"]): MaskedRequest => ({
  ...plain(0),
  ...{ kind: "masked", attempt, lacking, roster: [], places: new Map() },
  terms: secaggTerms(5, { minCohort: 4, colluders: 1 }),
});
const close = (round: number, outcome: "released" | "aborted" = "released") => ({
  ...({ t: "close", seq: 0, round, attempt: 0, ledger: { seq: 7, hash: "" } } as const),
  spent: { modelRecipients: 1, otherClients: 1, coordinator: 1 },
  ...(outcome === "released" ? ({ outcome } as const) : ({ outcome, reason: "cohort" } as const)),
});
const ack = (round: number, clientIndex: number, status: "counted" | "duplicate" | "late") =>
  ({ t: "updateAck", seq: 0, round, attempt: 0, vclient: clientIndex, status }) as const;

describe("the work of a host, by whichever link", () => {
  it("repeats by the next link what the last one lost, the same bytes, and asks nobody again", async () => {
    const { work, left, ask } = asked();
    ask(plain(0), lineOf("first", left, "lost"));
    const request = await work.next();
    if (!request) throw new Error("asked");
    const sent = work.send(request, 1, Int32Array.of(4, 5));
    work.decline(request, 2, { reason: "budget" });
    expect(await Promise.race([sent, setImmediate("not known yet")])).toBe("not known yet");
    work.over(undefined);
    left.length = 0;
    // Client 0 is still at it: its answer is not lost.
    ask(plain(0), lineOf("second", left));
    expect(left).toEqual(["second: decline of 2: budget", "second: update 0/0 of 1: 4 5"]);
    expect(await sent).toBe(8);
    expect(work.isOpen(request)).toBe(true);
    work.end();
    expect(await work.next()).toBeUndefined();
  });

  it("keeps what is asked again amid a broken link for the next one", async () => {
    const { work, left, ask } = asked();
    ask(plain(0), lineOf("first", left, "lost"));
    const request = await work.next();
    if (!request) throw new Error("asked");
    void work.send(request, 1, Int32Array.of(4, 5));
    work.decline(request, 2, { reason: "budget" });
    work.over(undefined);
    left.length = 0;
    // Its model was on its way when the link broke.
    work.request(plain(0));
    expect(left).toEqual([]);
    ask(plain(0), lineOf("second", left));
    expect(left).toEqual(["second: decline of 2: budget", "second: update 0/0 of 1: 4 5"]);
  });

  it("notes a refusal by what it says, and nothing of what was taken or came late", () => {
    const { work, left, ask } = asked();
    const refused: string[] = [];
    const note = (client: number, what: string) => void refused.push(`${client}: ${what}`);
    Object.assign(work.notes, { refused: note });
    ask(plain(0), lineOf("first", left));
    const problem = { what: "update.length", where: "", got: "", expected: "", fix: "" };
    const ids = { t: "updateAck", seq: 0, round: 0, attempt: 0, vclient: 2 } as const;
    for (const status of ["counted", "duplicate", "late"] as const) work.judged(ack(0, 1, status));
    work.judged({ ...ids, status: "refused", problem });
    expect(refused).toEqual(["2: update.length"]);
  });

  it("declines what was judged and is asked for again; under seeded noise has it made again", async () => {
    for (const noise of ["secure", "seeded"] as const) {
      const { work, left, ask } = asked(noise);
      const line = lineOf("line", left);
      ask(plain(0, [0]), line);
      const request = await work.next();
      if (!request) throw new Error("asked");
      expect(await work.send(request, 0, Int32Array.of(4, 5))).toBe(8);
      work.judged(ack(0, 0, "counted"));
      left.length = 0;
      ask(plain(0, [0]), line);
      expect(left).toEqual(noise === "secure" ? ["line: decline of 0: lost"] : []);
      work.end();
      expect((await work.next())?.cohort).toEqual(noise === "secure" ? undefined : [0]);
    }
  });

  it("under seeded noise too, asks nobody again where nothing was forgotten", async () => {
    const { work, left, ask } = asked("seeded");
    ask(plain(0, [0]), lineOf("first", left, "lost"));
    const request = await work.next();
    if (!request) throw new Error("asked");
    void work.send(request, 0, Int32Array.of(4, 5));
    ask(plain(0, [0]), lineOf("second", left));
    work.end();
    expect(await work.next()).toBeUndefined();
  });

  it("has no further step of an attempt that is over, and says nothing in it", async () => {
    const { work, left, ask } = asked("secure", "distributed");
    ask(masked(0, null), lineOf("line", left));
    const request = await work.next();
    if (!request) throw new Error("asked");
    work.closed(close(0));
    work.sendStep(request, 0, "keys", Buffer.of(1));
    work.decline(request, 0, { reason: "lost" });
    expect(await work.nextStep(request)).toBeUndefined();
    expect(left).toEqual([]);
  });

  it("gives an update up when its attempt ends, and says which clients a released sum holds", async () => {
    const { work, left, ask } = asked();
    const line = lineOf("line", left, "lost");
    ask(plain(0), line);
    const [request] = [await work.next()];
    if (!request) throw new Error("asked");
    const sent = [0, 1, 2].map((client) => work.send(request, client, Int32Array.of(client, 1)));
    work.judged(ack(0, 0, "counted"));
    work.judged(ack(0, 1, "duplicate"));
    work.judged(ack(0, 2, "late"));
    work.closed(close(0));
    expect(await Promise.all(sent)).toEqual([8, 8, 0]);
    expect(work.isOpen(request)).toBe(false);
    expect(await work.send(request, 2, Int32Array.of(2, 1))).toBe(0);
    expect(work.takeReleased()).toEqual([{ round: 0, attempt: 0, counted: [0, 1] }]);
    expect(work.ledger?.head.seq).toBe(7);
    // Named and released before its model was here: nothing of this host is in that sum.
    work.asked(plain(1), line);
    work.closed(close(1));
    expect(work.takeReleased()).toEqual([{ round: 1, attempt: 0, counted: [] }]);
    expect(work.takeReleased()).toEqual([]);
  });

  it("says nothing of the clients of the attempt before where the next is released without its model", async () => {
    const { work, left, ask } = asked();
    const line = lineOf("line", left);
    ask(plain(0), line);
    work.judged(ack(0, 0, "counted"));
    work.asked(plain(1), line);
    work.closed(close(1));
    expect(work.takeReleased()).toEqual([{ round: 1, attempt: 0, counted: [] }]);
  });

  it("repeats a step of a masked attempt by another link than before, each answer once", async () => {
    const { work, left, ask } = asked("secure", "distributed");
    const [first, second] = [lineOf("first", left), lineOf("second", left)];
    ask(masked(0, null), first);
    const request = await work.next();
    if (!request) throw new Error("asked");
    for (const client of [0, 1]) work.sendStep(request, client, "keys", Buffer.of(10 + client));
    left.length = 0;
    ask(masked(0, "keys"), first);
    expect(left).toEqual([]);
    for (const lacking of ["keys", "packets", "keys"] as const) ask(masked(0, lacking), second);
    expect(left).toEqual(["second: keys of 0: 10", "second: keys of 1: 11"]);
    expect(work.isOpen(request)).toBe(true);
  });

  it("is lost to a masked attempt of which another process had the keys, but takes one that lacks them", async () => {
    const { plan, work, left, ask } = asked("secure", "distributed");
    const line = lineOf("line", left);
    ask(masked(0, "packets"), line);
    expect(left).toEqual([0, 1, 2].map((client) => `line: decline of ${client}: lost`));
    ask(masked(1, "keys"), line);
    expect((await work.next())?.attempt).toBe(1);
    // None of those that are lost counts among the attempts that the plan pays for.
    const { rounds, spareAttempts } = plan;
    for (let attempt = 2; attempt < rounds + spareAttempts + 9; attempt++)
      ask(masked(attempt, "packets"), line);
    expect(left).toHaveLength(3 * (rounds + spareAttempts + 8));
  });
});
