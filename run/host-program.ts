/** The built program of a client host; where this stands in a chunk of dist/, it is one folder up as well. */
import { fileURLToPath } from "node:url";

export const HOST_PROGRAM = fileURLToPath(new URL("../client/host.js", import.meta.url));
