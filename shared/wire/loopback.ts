/** Which hosts are this machine: what goes there crosses no network. */
import { BlockList, isIP } from "node:net";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** @param host as it stands in a URL: IPv6 in brackets */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) === 0) return bare === "localhost";
  return LOOPBACK.check(bare, isIP(bare) === 6 ? "ipv6" : "ipv4");
}
