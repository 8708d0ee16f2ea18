/** A shop's orders, a row each, that clients join by keyed pseudonyms of their customers. */
import { stringify } from "yaml";
import { type CanaryTables, csvText, Planter } from "./canary-tables.ts";

export const KEY_VARIABLE = "MURMUR_TEST_PSEUDONYM_KEY";
const HEADER = ["customer", "card", "country", "date", "amount"] as const;

/**
 * Three clients of ten customers each, three orders a customer; all customers are canaries, and each
 * is written in three spellings that the key makes one. One identifier joins, another is kept as a
 * pseudonym of its own.
 */
export function pseudonymTables(): CanaryTables {
  const planter = new Planter();
  const clients = ["a", "b", "c"];
  const files = clients.map((client) => [`${client}.csv`, ordersOf(planter, client)] as const);
  const heldOut = ordersOf(new Planter(), "held-out");
  return {
    files: {
      ...Object.fromEntries(files),
      "held-out.csv": heldOut,
      "scenario.yaml": stringify(scenario(clients.map((client) => `${client}.csv`))),
    },
    canaries: planter.canaries,
    columns: planter.columns,
  };
}

function ordersOf(planter: Planter, client: string): string {
  const rows = Array.from({ length: 10 }, (_, i) => {
    const row = `${client} ${i}`;
    const customer = planter.text("customer", row, "Zoe.%@shop.example");
    const card = planter.text("card", row, "Zq-%-kw");
    const other = customer.replace("shop.example", "Shop.EXAMPLE");
    return [customer, other, ` ${customer} `].map((spelling, order) => [
      spelling,
      card,
      planter.text("country", `${row}, order ${order}`, "Vlim-%"),
      planter.time("date", `${row}, order ${order}`, i % 2 ? "2024-04-17" : "2024-07-04"),
      planter.number("amount", `${row}, order ${order}`, 321),
    ]);
  });
  return csvText(HEADER, rows.flat());
}

function scenario(files: readonly string[]) {
  const pseudonym = { role: "directIdentifier", action: "pseudonym", key: { env: KEY_VARIABLE } };
  return {
    format: 1,
    name: "orders",
    data: {
      source: {
        files,
        testFile: "held-out.csv",
        person: "customer",
        events: { orders: { time: "date", fields: ["amount"] } },
      },
      columns: {
        customer: { ...pseudonym, identifier: "email", dropAfterJoin: false },
        card: { role: "directIdentifier" },
        country: {
          role: "quasiIdentifier",
          take: "first",
          vocabulary: ["here", "there"],
          unseen: "other",
        },
        orders: {
          role: "eventLog",
          time: "date",
          cutOff: "2024-06-30",
          maxAgeDays: 360,
          maxEvents: 20,
          amount: { clip: [0, 500], round: 5 },
        },
      },
      target: { name: "again", event: "orders", within: 30 },
      partition: { kind: "files" },
    },
    features: {
      often: { formula: "count(orders)", bounds: [0, 10] },
      country: { formula: "oneHot(country)" },
    },
    training: { rounds: 2 },
    privacy: { epsilon: 1, delta: 1e-4, population: 60 },
    clients: { count: files.length, minCohort: 2 },
  };
}
