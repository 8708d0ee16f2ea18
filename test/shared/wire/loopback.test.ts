/** Which hosts are this machine: its own addresses, and no name that looks like one. */
import { expect, it } from "vitest";
import { isLoopback } from "../../../shared/wire/loopback.ts";

it.each(["127.0.0.1", "127.255.3.4", "[::1]", "::1", "localhost"])("%s is loopback", (host) => {
  expect(isLoopback(host)).toBe(true);
});

it.each([
  ...["0.0.0.0", "[::]", "128.0.0.1", "126.255.255.255", "10.0.0.1", "[::2]", "[fe80::1]"],
  ...["127.0.0.1.example.org", "localhost.example.org", "example.org", ""],
])("%s is not loopback", (host) => {
  expect(isLoopback(host)).toBe(false);
});
