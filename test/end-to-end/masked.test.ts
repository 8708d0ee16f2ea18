/**
 * Runs under trust distributed, hosts and sockets real: what they release is, bit for bit, what the
 * same seeded updates give without masks, whoever is lost in whichever step; and nothing on the wire is
 * a client's own words.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { fusedEngine } from "../../shared/engine/fused/engine.ts";
import { STEPS_DOWN } from "../../shared/secagg/wire-steps.ts";
import { cutSockets } from "../support/cut-sockets.ts";
import { type RealRun, realRun } from "../support/real-run.ts";
import { type ReferenceRound, referenceRounds } from "../support/reference-rounds.ts";
import { smallScenario } from "../support/small-scenario.ts";
import { type Tapped, tapSockets } from "../support/socket-tap.ts";

const TIMEOUT_MS = 180_000;
const FIVE = {
  "privacy.trust": "distributed",
  "privacy.epsilon": "1",
  "clients.count": "5",
  "clients.minCohort": "4",
  "training.rounds": "2",
} as const;
const ALL = ["client-0", "client-1", "client-2", "client-3", "client-4"];
const WITHOUT = ALL.filter((client) => client !== "client-1");

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const reference = ({ sealed, clients }: RealRun, rounds: readonly ReferenceRound[]) =>
  referenceRounds(sealed, fusedEngine(sealed.model), clients, 11, rounds);

/** Both rounds, their first attempts. */
const rounds = (first: readonly string[], second: readonly string[]): ReferenceRound[] => [
  { round: 0, attempt: 0, counted: first },
  { round: 1, attempt: 0, counted: second },
];

/** Each client on a host of its own. */
const fiveHosts = (set: Readonly<Record<string, string>> = {}, forked = false) =>
  realRun(smallScenario({ ...FIVE, ...set }), { hosts: 5, forked });

/** A frame says nothing of its round: it comes between messages that do. */
function isStep(text: string, { round, step }: { readonly round: number; readonly step: string }) {
  if (step.startsWith("frame") || text.startsWith("frame")) return text === step;
  const message = JSON.parse(text);
  return message.t === "step" && message.step === step && message.round === round;
}

const kinds = ({ ledger }: RealRun) => ledger.map(({ entry }) => entry.kind);

describe("masked rounds of real hosts", () => {
  it.each([
    [2, "true"],
    [5, "false"],
  ])(
    "release what the sum without masks gives, on %i hosts, rotated: %s",
    async (hosts, rotation) => {
      const run = await realRun(smallScenario({ ...FIVE, "privacy.rotation": rotation }), {
        hosts,
        forked: true,
      });
      expect(run.sealed.plan.privacy.parameters).toBe(rotation === "true" ? 8 : 7);
      const due = await reference(run, rounds(ALL, ALL));
      expect(run.models.slice(1)).toEqual(due.models);
      expect(kinds(run)).toEqual(["open", "charge", "release", "charge", "release"]);
    },
    TIMEOUT_MS,
  );

  // Whoever dies before its words are in is not in the sum; whoever dies later is.
  it.each([
    ["before it says its keys", "masked-keys:kill:client-1", WITHOUT],
    ["before it deals its shares", "masked-packets:kill:client-1", WITHOUT],
    ["between its charge and its update", "client-after-charge:kill:client-1", WITHOUT],
    ["before it confirms", "masked-confirm:kill:client-1", ALL],
    ["before it gives its shares", "masked-unmask:kill:client-1", ALL],
  ])(
    "outlive a host that dies %s",
    async (_, failpoint, counted) => {
      vi.stubEnv("MURMUR_FAILPOINT", failpoint);
      const run = await fiveHosts({}, true);
      const due = await reference(run, rounds(counted, WITHOUT));
      expect(run.models.slice(1)).toEqual(due.models);
      expect(kinds(run)).toEqual(["open", "charge", "release", "charge", "release"]);
      expect(run.records.filter(({ lost }) => lost).map(({ name }) => name)).toEqual(["client-1"]);
    },
    TIMEOUT_MS,
  );

  // Whoever answered twice would be refused, and not be in the sum.
  it.each([
    ["answers on their way", "up", ["keys", "packets", "frame 3", "confirm", "unmask"]],
    ["lists on theirs", "down", STEPS_DOWN],
  ])(
    "row 30: lose nobody where a link breaks in each step, and %s with it",
    async (_, way, steps) => {
      const due = [0, 1].flatMap((round) => steps.map((step) => ({ round, step })));
      cutSockets(({ way: of, text }) => {
        const next = due[0];
        const isDue = of === way && next !== undefined && isStep(text, next);
        if (isDue) due.shift();
        return isDue;
      });
      const run = await fiveHosts();
      expect(due, "steps in which no link broke").toEqual([]);
      const { models } = await reference(run, rounds(ALL, ALL));
      expect(run.models.slice(1)).toEqual(models);
      expect(kinds(run)).toEqual(["open", "charge", "release", "charge", "release"]);
      const connections = run.records.reduce((sum, one) => sum + one.connections, 0);
      expect(connections).toBe(5 + 2 * steps.length);
    },
    TIMEOUT_MS,
  );

  it(
    "release nothing of an attempt that too few outlive, which stays charged",
    async () => {
      const run = await fiveHosts({ "clients.dropOut": "0.9", "privacy.spareAttempts": "1" });
      expect(run.models).toHaveLength(1);
      const charges = ["charge", "abort"];
      expect(kinds(run)).toEqual(["open", ...charges, ...charges, ...charges]);
      expect(run.ending).toEqual({ reason: "interrupted", attempts: 3 });
    },
    TIMEOUT_MS,
  );

  it(
    "are told from a sum that random words went into",
    async () => {
      const faults = "[{ kind: garbage, rounds: [1] }]";
      const run = await fiveHosts({ "clients.faults": faults, "privacy.spareAttempts": "3" });
      const aborts = run.ledger.flatMap(({ entry }) =>
        entry.kind === "abort" ? [entry.reason] : [],
      );
      expect(aborts[0]).toContain("secagg.sum-range");
    },
    TIMEOUT_MS,
  );

  it(
    "end before anything is charged where too few are left to mask",
    async () => {
      // With four of whom one is gone there are fewer than minCohort, whichever step it was.
      vi.stubEnv("MURMUR_FAILPOINT", "masked-packets:kill:client-1");
      const run = await realRun(
        smallScenario({ ...FIVE, "clients.count": "4", "clients.minCohort": "4" }),
        { hosts: 4, forked: true },
      );
      expect(kinds(run)).toEqual(["open"]);
      expect(run.ending).toEqual({ reason: "interrupted", attempts: 0 });
    },
    TIMEOUT_MS,
  );

  it(
    "take federated counts as before, each with all of its noise",
    async () => {
      const counts = { "evaluation.federated.noiseMultiplier": "20" };
      const run = await fiveHosts(counts);
      expect(run.rounds.map(({ federated }) => federated !== undefined)).toEqual([true, true]);
      expect(kinds(run).filter((kind) => kind === "counts")).toHaveLength(2);
    },
    TIMEOUT_MS,
  );
});

/** Two words of a vector, one after the other, as eight bytes. */
function pairsOf(words: Int32Array): Set<string> {
  const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  const starts = Array.from({ length: words.length - 1 }, (_, i) => 4 * i);
  return new Set(starts.map((at) => bytes.toString("latin1", at, at + 8)));
}

function appearances(taps: readonly Tapped[], updates: Iterable<Int32Array>): number {
  const needles = [...updates].flatMap((update) => [...pairsOf(update)]);
  const messages = taps.flatMap((tap) => tap.messages.map(({ data }) => data.toString("latin1")));
  return needles.filter((pair) => messages.some((text) => text.includes(pair))).length;
}

async function captured(set: Readonly<Record<string, string>>) {
  const taps = tapSockets();
  const run = await realRun(smallScenario({ ...FIVE, ...set }));
  vi.restoreAllMocks();
  return { run, taps };
}

/** Payloads of frames that hold masked words, in order of arrival. */
const maskedFrames = (taps: readonly Tapped[]) =>
  taps.flatMap(({ messages }) =>
    messages.flatMap(({ kind, data }) => (kind === "frame of type 3" ? [data.subarray(56)] : [])),
  );

describe("what the coordinator's sockets see", () => {
  it(
    "holds no two words of any client's update, where trust local shows them all",
    async () => {
      const { run, taps } = await captured({});
      const { updates } = await reference(run, rounds(ALL, ALL));
      expect(updates.map((of) => appearances(taps, of.values()))).toEqual([0, 0]);
      expect(maskedFrames(taps)).toHaveLength(10);

      const plain = await captured({ "privacy.trust": "local" });
      const shown = await reference(plain.run, rounds(ALL, ALL));
      expect(shown.updates.map((of) => appearances(plain.taps, of.values()))).toEqual([30, 30]);
    },
    TIMEOUT_MS,
  );

  it(
    "has other masks in each of two equal runs, which end in equal models",
    async () => {
      const [one, two] = [await captured({}), await captured({})];
      expect(one.run.models).toEqual(two.run.models);
      expect(one.run.ledger).toEqual(two.run.ledger);
      const words = ({ taps }: typeof one) =>
        maskedFrames(taps).flatMap((payload) =>
          Array.from({ length: payload.length / 4 }, (_, i) => payload.readUInt32LE(4 * i)),
        );
      const before = new Set(words(one));
      // 70 words against 70, uniform over 2^32: a false alarm once in 10^6.
      expect(words(two).filter((word) => before.has(word))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "shares no mask, key or noise between two secure runs",
    async () => {
      const secure = { "privacy.noise": "secure" };
      const [one, two] = [await captured(secure), await captured(secure)];
      expect(one.run.models[1]).not.toEqual(two.run.models[1]);
      const lists = ({ taps }: typeof one) =>
        taps.flatMap(({ messages }) =>
          messages.flatMap(({ kind, data }) =>
            kind === "list frame" && data.length === 56 + 128
              ? [data.toString("hex", 56, 120)]
              : [],
          ),
        );
      // Two rounds of five clients, two keys each.
      expect(new Set([...lists(one), ...lists(two)]).size).toBe(20);
    },
    TIMEOUT_MS,
  );
});
