/** IO: whether a folder lies on another machine, where neither a lock nor a sync means what it says. */
import { statfsSync } from "node:fs";

/** Linux's f_type of each (statfs(2), linux/magic.h). */
const NETWORKS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9P"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
]);

/** The network file system's name; undefined for a disk of this machine, or where nobody can tell. */
export function networkOf(folder: string): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    // A 32-bit number, signed on some machines.
    return NETWORKS.get(statfsSync(folder).type >>> 0);
  } catch {
    return undefined;
  }
}
