/**
 * IO: `npm start` and `npm run murmur`: the built program in this very process, built anew where it is stale.
 *
 *     node start.mjs run scenarios/purchases.yaml
 */
import "./freshen.mjs";

await import("./dist/cli/main.js");
