import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anonymizeLog } from "../../../client/anonymize/event-log.ts";
import { recoder } from "../../../client/anonymize/recode.ts";
import type { ContractColumn, EventLogColumn } from "../../../shared/contract/contract.ts";
import { compileFormula } from "../../../shared/contract/formula/compile.ts";
import type { Postfix } from "../../../shared/contract/formula/formula.ts";
import {
  deriveFeature,
  keptAmount,
  keptInterval,
  personScope,
} from "../../../shared/contract/formulas.ts";
import type { KeptDate, KeptNumber } from "../../../shared/contract/recoding.ts";

const DAY = 86_400_000;

describe("keptAmount", () => {
  it("rounds half away from zero, after clipping", () => {
    const rule = { clip: [-20, 500] as const, round: 5 };
    const amounts = [42.9, 2.5, -2.5, -2.4, 77_183.6, -21, 500];
    expect(amounts.map((amount) => keptAmount(amount, rule))).toEqual([
      45, 5, -5, 0, 500, -20, 500,
    ]);
    expect(keptAmount(42.9, { ...rule, round: null })).toBe(42.9);
  });

  it("cuts down to a multiple, or to the lower end of a band, the first from the bounds on", () => {
    const clip: [number, number] = [-10, 500];
    const floored = [-99, -4, 7, 19.99, 900].map((amount) =>
      keptAmount(amount, { clip, round: null, floor: 5 }),
    );
    expect(floored).toEqual([-10, -5, 5, 15, 500]);
    const banded = [-99, -1, 0, 19.99, 20, 900].map((amount) =>
      keptAmount(amount, { clip, round: null, bands: [0, 20, 100] }),
    );
    expect(banded).toEqual([-10, -10, 0, 0, 20, 100]);
  });
});

describe("an event log's intervals", () => {
  it("reach from the last instant before the cut-off to the oldest event that is kept", () => {
    const log: EventLogColumn = {
      name: "log",
      from: "log",
      role: "eventLog",
      time: "date",
      identifiersKnown: null,
      cutOffMs: 500 * DAY,
      maxAgeDays: 90,
      maxEvents: 5,
      truncateDays: 1,
      listed: [],
      amount: null,
      category: null,
    };
    const entry = personScope([log]).get("log");
    if (entry?.kind !== "log") throw new Error("no log");
    const times = Float64Array.of(500 * DAY - 1, 410 * DAY, 410 * DAY - 1, 500 * DAY);
    const kept = anonymizeLog({ times, fields: new Map() }, log).get("daysBefore");
    expect(kept).toEqual(Float64Array.of(0, 90));
    expect(entry.fields.get("daysBefore")).toEqual({ low: 0, high: 90, integer: true });
    expect(entry.events).toBe(5);
  });
});

/** How a formula sees a column with that recoding. */
function entryOf(recoding: KeptNumber | KeptDate) {
  const column: ContractColumn = {
    name: "x",
    from: "x",
    role: "insensitive",
    take: null,
    recoding,
    identifiersKnown: null,
  };
  return personScope([column]).get("x");
}

describe("a column's interval", () => {
  const ends = fc
    .uniqueArray(fc.integer({ min: -400, max: 400 }), { minLength: 2, maxLength: 2 })
    .map(([a = 0, b = 1]): [number, number] => [Math.min(a, b) / 4, Math.max(a, b) / 4]);

  it("holds whatever a cell is kept as, whole where it says so", () => {
    const recodings = fc.record({
      integer: fc.boolean(),
      bounds: ends,
      clip: fc.option(ends),
      grid: fc.option(
        fc.record({
          rule: fc.constantFrom("round" as const, "floor" as const),
          width: fc.constantFrom(0.25, 1, 7, 2.5),
        }),
      ),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      empty: fc.boolean(),
    });
    let whole = 0;
    fc.assert(
      fc.property(recodings, ({ at, empty, ...rest }) => {
        const [low, high] = rest.bounds;
        const inside = low + at * (high - low);
        const value = rest.integer ? Math.ceil(inside) : inside;
        if (value > high) return;
        const missing = empty ? value : null;
        const recoding: KeptNumber = { kind: "number", bornBeforeMs: null, missing, ...rest };
        const kept = Number(recoder(recoding)(empty ? "" : String(value), "here"));
        const interval = keptInterval(recoding);
        expect(kept).toBeGreaterThanOrEqual(interval.low);
        expect(kept).toBeLessThanOrEqual(interval.high);
        if (interval.integer) expect(Number.isInteger(kept)).toBe(true);
        whole += Number(interval.integer);
        expect(entryOf(recoding)).toEqual({ kind: "number", ...interval });
      }),
      { numRuns: 1_000 },
    );
    expect(whole).toBeGreaterThan(50);
  });

  it("holds whatever a date is kept as, at every level", () => {
    const day = fc.integer({ min: -20_000, max: 40_000 });
    const cases = fc.record({
      level: fc.constantFrom("day", "month", "quarter", "year", "*"),
      first: day,
      days: fc.integer({ min: 1, max: 5_000 }),
      reference: day,
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    });
    fc.assert(
      fc.property(cases, ({ level, first, days, reference, at }) => {
        const boundsMs = [first * DAY, (first + days) * DAY] as const;
        const recoding: KeptDate = { kind: "date", level, referenceMs: reference * DAY, boundsMs };
        const moment = boundsMs[0] + Math.floor(at * (days + 1) * DAY);
        const kept = Number(recoder(recoding)(new Date(moment).toISOString(), "here"));
        const entry = entryOf(recoding);
        if (entry?.kind !== "date") throw new TypeError("no date");
        expect(kept).toBeGreaterThanOrEqual(entry.low);
        expect(kept).toBeLessThanOrEqual(entry.high);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("deriveFeature", () => {
  const scope = personScope([
    {
      name: "n",
      from: "n",
      role: "insensitive",
      take: null,
      identifiersKnown: null,
      recoding: {
        kind: "number",
        integer: true,
        bounds: [2, 9],
        clip: null,
        missing: null,
        bornBeforeMs: null,
        grid: null,
      },
    },
  ]);
  const derived = (postfix: Postfix, bounds: readonly [number, number] | null = null) =>
    deriveFeature({ name: "f", formula: "…", postfix, bounds, scale: "linear" }, scope, "here");

  it("takes bands by their order, with ordinal around them or without", () => {
    const bucket: Postfix = [
      ["name", "n"],
      ["number", 4],
      ["number", 6],
      ["call", "bucket", 3],
    ];
    const { kind, bounds, width } = derived(bucket);
    expect({ kind, bounds, width }).toEqual({ kind: "number", bounds: [0, 2], width: 1 });
    expect(derived([...bucket, ["call", "ordinal", 1]]).bounds).toEqual([0, 2]);
    const value = compileFormula(bucket);
    const at = (n: number) => value({ values: new Map([["n", n]]), logs: new Map() });
    expect([2, 4, 5, 6, 9].map(at)).toEqual([0, 1, 1, 2, 2]);
  });

  it("takes the formula's own interval where the file states none", () => {
    const twice: Postfix = [
      ["name", "n"],
      ["name", "n"],
      ["call", "*", 2],
    ];
    expect(derived(twice)).toMatchObject({ bounds: [4, 81], width: 1, labels: ["f"] });
    expect(derived(twice, [0, 50])).toMatchObject({ bounds: [0, 50] });
  });

  it("names one input a label of a oneHot", () => {
    const bucket: Postfix = [
      ["name", "n"],
      ["number", 5],
      ["call", "bucket", 2],
      ["call", "oneHot", 1],
    ];
    expect(derived(bucket)).toMatchObject({
      kind: "oneHot",
      bounds: null,
      width: 2,
      labels: ["f=(-inf,5)", "f=[5,inf)"],
    });
  });
});
