/** IO: compiles kernel.as.ts into kernel-bytes.ts, or with --print to the screen. npm run build:kernel */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const FOLDER = import.meta.dirname;
const OPTIONS = [
  "--baseDir",
  FOLDER,
  "-O3",
  "--noAssert",
  "--runtime",
  "stub",
  "--importMemory",
  "--enable",
  "simd",
];

let bytes;
const { error, stderr } = await asc.main(["kernel.as.ts", ...OPTIONS, "--outFile", "kernel.wasm"], {
  writeFile: (_name, contents) => {
    bytes = Buffer.from(contents);
  },
});
if (error !== null || bytes === undefined) throw new Error(`${error?.message}\n${stderr}`);

const text = bytes.toString("base64");
if (process.argv.includes("--print")) process.stdout.write(text);
else {
  const lines = text.match(/.{1,2000}/g).map((line) => `  "${line}",`);
  writeFileSync(
    join(FOLDER, "kernel-bytes.ts"),
    [
      "/** Written by npm run build:kernel from kernel.as.ts: WebAssembly, as base64. */",
      "export const KERNEL_BYTES: string = [",
      ...lines,
      '].join("");',
      "",
    ].join("\n"),
  );
}
