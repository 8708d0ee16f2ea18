/** Who may join by what, and under which names. */
import { expect, it } from "vitest";
import { Admission } from "../../../server/listener/admission.ts";
import { tokenKey } from "../../../shared/keys/proofs.ts";

const RUN_ID = new Uint8Array(16);
const JOINERS = [
  { names: ["north"], key: "N".repeat(43) },
  { names: ["c1-1", "c1-2"], key: undefined },
  { names: ["c2"], key: undefined },
];
const part = (admission: Admission) => admission.part(["host:1"]);
const who = (admission: Admission, token: number, key: string) => {
  const k = tokenKey(admission.tokens[token] ?? "");
  const known = part(admission).tokens.find((one) => Buffer.from(one).equals(k));
  return { key, token: known, transcript: Buffer.alloc(0) };
};

it("draws a token for each of our own hosts and each joiner without a key, all different", () => {
  const { tokens } = new Admission(RUN_ID, 2, JOINERS);
  expect(tokens).toHaveLength(4);
  expect(new Set(tokens).size).toBe(4);
});

it("binds a joiner's names to its credential, and none to our own hosts'", () => {
  const admission = new Admission(RUN_ID, 1, JOINERS);
  expect(admission.admit(who(admission, 0, "own"))).toBeUndefined();
  expect(admission.admit(who(admission, 2, "second"))).toEqual(["c2"]);
  expect(admission.admit(who(admission, 1, "first"))).toEqual(["c1-1", "c1-2"]);
  const byKey = { key: "N".repeat(43), token: undefined, transcript: Buffer.alloc(0) };
  expect(admission.admit(byKey)).toEqual(["north"]);
});

it("enrols the key that spent a token for the same names, and takes no token twice", () => {
  const admission = new Admission(RUN_ID, 0, JOINERS);
  const first = who(admission, 1, "mine");
  expect(part(admission).enrolled.has("mine")).toBe(false);
  admission.admit(first);
  expect(part(admission).enrolled.has("mine")).toBe(true);
  expect(admission.admit({ ...first, token: undefined })).toEqual(["c2"]);
  expect(() => admission.admit({ ...first, key: "thief" })).toThrow("auth.refused");
  expect(part(admission).enrolled.has("thief")).toBe(false);
  expect(part(admission).tokens).toHaveLength(1);
});

it("takes no token with a key that is known: it could be another's", () => {
  const admission = new Admission(RUN_ID, 0, JOINERS);
  expect(() => admission.admit(who(admission, 0, "N".repeat(43)))).toThrow("auth.refused");
  const byKey = { key: "N".repeat(43), token: undefined, transcript: Buffer.alloc(0) };
  expect(admission.admit(byKey)).toEqual(["north"]);
});

it("keeps no key of the list: whoever is taken from it stays out of a run that is resumed", () => {
  const kept: string[][] = [];
  const admission = new Admission(RUN_ID, 0, JOINERS, {
    keep: ({ enrolled }) => kept.push(enrolled.map(({ key }) => key)),
  });
  admission.admit(who(admission, 1, "mine"));
  expect(kept).toEqual([[], ["mine"]]);
});
