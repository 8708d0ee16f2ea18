/** IO: a server on its port, or the refusal that names the flag. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ScenarioError } from "../../shared/errors.ts";

export interface ListenPlace {
  /** As it stands in a URL: IPv6 in brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Which flag said so, for messages. */
  readonly flag: string;
}

/** @returns the port. @throws ScenarioError `port` if it cannot be had */
export function listen(http: Server, { host, port, flag }: ListenPlace): Promise<number> {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return new Promise((resolve, reject) => {
    // Later ones too: a connection that cannot be accepted (no file descriptor is left) ends nothing.
    http.on("error", (cause) =>
      reject(
        new ScenarioError(
          {
            what: "port",
            where: flag,
            got: `${host}:${port}, ${"code" in cause ? cause.code : cause.message}`,
            expected: "a port that is free",
            fix: "Name another; 0 takes any free one.",
          },
          { cause },
        ),
      ),
    );
    http.listen(port, bare, () => {
      const address: AddressInfo | string | null = http.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
