/** What a client can see of a list of survivors: most lies that would open its update by itself. */
import { isAscending, type KeyList } from "../../shared/secagg/key-list.ts";
import { secaggRefusal } from "../../shared/secagg/refusal.ts";
import type { SecaggTerms } from "../../shared/secagg/terms.ts";

/** What it knows by itself. */
export interface OwnView {
  readonly client: number;
  readonly list: KeyList;
  /** Neighbours with which it masked. */
  readonly paired: ReadonlySet<number>;
}

/** @throws ProtocolError `secagg.survivors` or `secagg.below-threshold` */
export function checkSurvivors(
  survivors: readonly number[],
  { client, list, paired }: OwnView,
  { leastSurvivors }: SecaggTerms,
): void {
  const refuse = (got: unknown, expected: string): never => {
    throw secaggRefusal("survivors", `survivors, as client ${client} was told`, got, expected);
  };
  if (!isAscending(survivors)) refuse("another order", "clients, ascending, once each");
  if (!survivors.includes(client)) refuse("a list without it", "itself among them");
  const neighbours = new Set(list.graph.neighboursOf(client));
  const odd = survivors.find(
    (other) => !list.keys.has(other) || (neighbours.has(other) && !paired.has(other)),
  );
  if (odd !== undefined) refuse(`client ${odd}`, "only clients that had shared their keys");
  if (survivors.length >= leastSurvivors) return;
  const where = `survivors, as client ${client} was told`;
  throw secaggRefusal("below-threshold", where, survivors.length, `at least ${leastSurvivors}`);
}
