/** What an owner reads before its rows are. */
import { expect, it } from "vitest";
import { agreementLines, type Place } from "../../../cli/screen/join-lines.ts";
import { sealedWith } from "../../support/plans.ts";

const sealed = sealedWith({
  ...{ trust: "distributed", accountant: "zcdp", noise: "secure", clients: 12 },
  ...{ minCohort: 9, colluders: 2 },
});

function told(place: Partial<Place>): string {
  const base = { url: "wss://h:1", name: "a", file: "rows.csv", runId: "05", known: 4 };
  return agreementLines(sealed, { ...base, clients: 1, header: ["age"], ...place }).join("\n");
}

it("says that epsilon is none against owners that are more clients than may collude", () => {
  const note =
    "each owner has 3 clients, more than the 2 of privacy.colluders: ε does not hold against another owner";
  expect(told({ clients: 3 })).toContain(note);
  expect(told({ clients: 2 })).not.toContain("does not hold");
});

it("says with whom it masks, and how many places each of them may hold", () => {
  expect(told({})).toContain(
    "masked with nobody but the 4 owners on your list, none in more places than you",
  );
  expect(told({ known: undefined })).toContain("trusted not to make clients up");
});
