import { describe, expect, it } from "vitest";
import { CUT_OFF_MS, generatePurchases } from "../../../client/data/purchases.ts";
import { DAY_MS } from "../../../shared/contract/days.ts";

const PEOPLE = 4_000;
const people = [...generatePurchases(5, PEOPLE, "person")];
const share = (holds: (person: (typeof people)[number]) => boolean) =>
  people.filter(holds).length / PEOPLE;
/** Five standard deviations of a share of PEOPLE. */
const slack = (p: number) => 5 * Math.sqrt((p * (1 - p)) / PEOPLE);

describe("generatePurchases", () => {
  it("gives a person the same life whatever the count", () => {
    expect([...generatePurchases(5, 3, "person")]).toEqual(people.slice(0, 3));
    expect([...generatePurchases(6, 3, "person")]).not.toEqual(people.slice(0, 3));
  });

  it("holds out other people than it trains on", () => {
    const heldOut = new Set(
      [...generatePurchases(5, 200, "heldOut")].map((person) => JSON.stringify(person)),
    );
    expect(heldOut.size).toBe(200);
    expect(people.some((person) => heldOut.has(JSON.stringify(person)))).toBe(false);
  });

  // Shares as the notes state them, measured there by another program (tuning.md, section 1).
  it.each<[string, number, (person: (typeof people)[number]) => boolean]>([
    [
      "buy in the 30 days from the cut-off",
      0.49,
      ({ times }) => times.some((time) => time >= CUT_OFF_MS),
    ],
    ["have no history", 0.06, ({ times }) => !times.some((time) => time < CUT_OFF_MS)],
    [
      "have more than 50 purchases before",
      0.38,
      ({ times }) => times.filter((time) => time < CUT_OFF_MS).length > 50,
    ],
    [
      "live in a metropolis",
      0.5,
      ({ location }) => ["Paris", "Lyon", "Marseille"].includes(location),
    ],
    ["live in Annecy, one of three towns", 0.1, ({ location }) => location === "Annecy"],
    [
      "live in the country",
      0.2,
      ({ location }) => ["Conques", "Gordes", "Riquewihr"].includes(location),
    ],
    // N(42, 15): P(x < 19) = 0.0626, P(x >= 42) = 0.5, P(x >= 79) = 0.0068.
    ["are 18, which clipping adds to", 0.0626, ({ age }) => age === 18],
    ["are 42 or older", 0.5, ({ age }) => age >= 42],
    ["are 79, which clipping adds to", 0.0068, ({ age }) => age === 79],
  ])("%s: a share of %d", (_, expected, holds) => {
    // Half a point for the notes' own rounding.
    expect(Math.abs(share(holds) - expected)).toBeLessThan(slack(expected) + 0.005);
  });

  it("spreads purchases over 390 days, in order, in cents up to 500", () => {
    for (const { times, amounts } of people.slice(0, 300)) {
      expect(amounts).toHaveLength(times.length);
      expect(times.every((time, i) => time >= (times[i - 1] ?? CUT_OFF_MS - 360 * DAY_MS))).toBe(
        true,
      );
      expect(times.every((time) => time < CUT_OFF_MS + 30 * DAY_MS)).toBe(true);
      expect(amounts.every((amount) => amount > 0 && amount <= 500)).toBe(true);
      expect(
        amounts.every((amount) => Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-9),
      ).toBe(true);
    }
  });

  it("draws amounts that are log-normal over people, median 40, and within them", () => {
    const firsts = people.flatMap(({ amounts }) => [...amounts.slice(0, 1)]).sort((a, b) => a - b);
    const logs = firsts.filter((amount) => amount < 500).map(Math.log);
    const median = firsts[Math.floor(firsts.length / 2)] ?? 0;
    expect(Math.abs(Math.log(median / 40))).toBeLessThan(0.08);
    const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
    const sd = Math.sqrt(logs.reduce((a, b) => a + (b - mean) ** 2, 0) / logs.length);
    expect(Math.abs(sd - Math.SQRT1_2)).toBeLessThan(0.05);
  });

  it("writes names and addresses of reserved domains", () => {
    for (const { name, email } of people) {
      expect(name).toMatch(/^[A-Z][a-z]+ [A-Z]['A-Za-z]+$/);
      expect(email).toMatch(/^[a-z]+\.[a-z]+\d{1,2}@example\.(com|org|net)$/);
    }
  });
});
