import { expect, it } from "vitest";
import { Traffic } from "../../../server/connections/traffic.ts";
import { EgressCount } from "../../../shared/wire/egress.ts";

it("tells what left since it was last asked, by sockets that are open and sockets that were", () => {
  const traffic = new Traffic();
  const [one, two] = [new EgressCount(), new EgressCount()];
  one.add("round", 10);
  two.add("round", 20);
  two.add("ping", 1);
  expect(traffic.news([one.kinds, two.kinds])).toEqual(
    new Map([
      ["round", { messages: 2, bytes: 30 }],
      ["ping", { messages: 1, bytes: 1 }],
    ]),
  );
  one.add("round", 5);
  traffic.add(two.kinds);
  expect(traffic.news([one.kinds])).toEqual(new Map([["round", { messages: 1, bytes: 5 }]]));
  expect(traffic.news([one.kinds])).toEqual(new Map());
});
