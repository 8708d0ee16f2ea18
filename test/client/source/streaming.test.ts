import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it } from "vitest";
import { adultBytes } from "../../support/adult.ts";
import { TableFiles } from "../../support/table-files.ts";

const files = new TableFiles();
afterAll(() => files.remove());

const OPEN_TABLE = pathToFileURL(
  join(import.meta.dirname, "../../../dist/parts/open-table.js"),
).href;

/** Prints how many rows a file has, and the most MiB that the process ever held. */
const COUNT_ROWS = `
  import { openTable } from ${JSON.stringify(OPEN_TABLE)};
  const table = await openTable(process.argv[1], process.argv[2]);
  let rows = 0;
  for await (const batch of table.batches) rows += batch.length;
  console.log(JSON.stringify({ rows, mostMiB: process.resourceUsage().maxRSS / 1024 }));
`;

it("reads ten times Adult, 36 MB, in 150 MiB: what is read is not kept", () => {
  const [header, ...lines] = adultBytes("adult").toString().trimEnd().split("\n");
  const file = openSync(join(files.folder, "t.csv"), "w");
  writeSync(file, `${header}\n`);
  for (let i = 0; i < 10; i++) writeSync(file, `${lines.join("\n")}\n`);
  closeSync(file);
  // The rows alone would take over 200 MiB; 88 MiB were measured, and as much for 10^6 rows.
  const args = ["--input-type=module", "--eval", COUNT_ROWS, files.folder, "t.csv"];
  const printed = execFileSync(process.execPath, args, { encoding: "utf8" });
  const { rows, mostMiB } = JSON.parse(printed);
  expect(rows).toBe(325_610);
  expect(mostMiB).toBeLessThan(150);
});
