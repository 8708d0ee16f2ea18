/** Which addresses may be spoken to in plain text: this machine's own, and no name that looks like it. */
import { describe, expect, it } from "vitest";
import { checkPlaintext, dialAddress, listenAddress } from "../../../run/serve/dial-address.ts";

describe("plain text", () => {
  it.each(["127.0.0.1", "127.255.3.4", "[::1]", "localhost"])("may go to %s", (host) => {
    expect(() => checkPlaintext(host, false, "here", "")).not.toThrow();
  });

  it.each([...["0.0.0.0", "10.0.0.1", "[fe80::1]", "localhost.example.org", "example.org"]])(
    "may not go to %s, which needs TLS or the flag",
    (host) => {
      expect(() => checkPlaintext(host, false, "here", "")).toThrow("plaintext (here)");
      expect(() => checkPlaintext(host, true, "here", "")).not.toThrow();
    },
  );
});

describe("a URL to dial", () => {
  it.each([
    ["wss://a.example:8443", true, "a.example:8443"],
    ["wss://a.example", true, "a.example:443"],
    ["ws://[::1]:80/", false, "[::1]:80"],
    ["wss://A.Example:8443/murmur/v1", true, "a.example:8443"],
    // Another spelling of an address is that address.
    ["ws://2130706433:9", false, "127.0.0.1:9"],
  ])("%s is signed as it is dialled", (url, isTls, audience) => {
    expect(dialAddress(url)).toMatchObject({ isTls, audience });
  });

  it.each([
    ...["http://a.example", "a.example:8443", "wss://", "wss://a.example/other", ""],
    ...["wss://user@a.example", "wss://a.example?x=1", "wss://a.example#x"],
  ])("is not %s", (url) => {
    expect(() => dialAddress(url)).toThrow("address (the URL)");
  });
});

describe("an address to listen at", () => {
  it("has a host and a port", () => {
    expect(listenAddress("0.0.0.0:8443")).toEqual({ host: "0.0.0.0", port: 8443 });
    expect(listenAddress("[::]:0")).toEqual({ host: "[::]", port: 0 });
    expect(listenAddress("Coordinator.Example:65535")).toEqual({
      host: "coordinator.example",
      port: 65_535,
    });
  });

  it.each(["8443", "localhost", ":8443", "localhost:65536", "localhost:x", "::1:80", "a b:80"])(
    "is not %s",
    (text) => {
      expect(() => listenAddress(text)).toThrow("address (--listen)");
    },
  );
});
