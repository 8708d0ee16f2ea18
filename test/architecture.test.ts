/** Which folder may import which, and what may be imported at all. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { expect, it } from "vitest";
import { VERSION } from "../shared/version.ts";

const ROOT = join(import.meta.dirname, "..");
const MAY_IMPORT: Record<string, readonly string[]> = {
  cli: ["cli", "run", "server", "client", "shared", "compare", "report"],
  run: ["run", "server", "client", "shared", "compare", "report"],
  report: ["report", "compare", "shared"],
  compare: ["compare", "shared"],
  server: ["server", "shared"],
  client: ["client", "shared"],
  shared: ["shared"],
};

function sourcesIn(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

/** Every file of the product; a kernel's sources are another language. */
const PRODUCT = Object.keys(MAY_IMPORT)
  .flatMap(sourcesIn)
  .filter((file) => !file.endsWith(".as.ts"));

/** What `file` imports, static or dynamic: root-relative paths, and packages by name. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, target = ""]) =>
    target.startsWith(".") ? normalize(join(dirname(file), target)) : target,
  );
}

function productImportsOf(file: string): string[] {
  return importsOf(file).filter((name) => PRODUCT.includes(name));
}

/** Ways from a node back to itself, one at least for each circle that there is. */
function circlesIn(nodes: Iterable<string>, next: (node: string) => Iterable<string>): string[][] {
  const done = new Set<string>();
  const circles: string[][] = [];
  const visit = (node: string, way: readonly string[]): void => {
    if (way.includes(node)) circles.push([...way.slice(way.indexOf(node)), node]);
    else if (!done.has(node)) {
      for (const to of next(node)) visit(to, [...way, node]);
      done.add(node);
    }
  };
  for (const node of nodes) visit(node, []);
  return circles;
}

/** Packages and files that loading `file` loads, by its static imports alone. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(join(ROOT, file), "utf8").replace(/^import type .*?;$/gms, "");
  for (const [, target = ""] of text.matchAll(/^(?:import|export)\b[^;(]*?"([^"]+)";/gms)) {
    if (target.startsWith(".")) loadedBy(normalize(join(dirname(file), target)), seen);
    else seen.add(target);
  }
  return seen;
}

it("reads the sources and sees their imports", () => {
  expect(sourcesIn("client")).toContain("client/training/privatize.ts");
  expect(importsOf("client/training/privatize.ts")).toContain("shared/privacy/plan.ts");
  expect(loadedBy("client/host.ts")).toContain("ws");
});

it.each(Object.entries(MAY_IMPORT))("%s/ imports only from %j", (folder, allowed) => {
  const forbidden = sourcesIn(folder).flatMap((file) =>
    importsOf(file)
      .filter((target) => target.endsWith(".ts"))
      .filter((target) => !allowed.includes(target.split(sep)[0] ?? ""))
      .map((target) => `${file} imports ${target}`),
  );
  expect(forbidden).toEqual([]);
});

it("has no circle of folders, and so no two that import each other", () => {
  const edges = new Map<string, Map<string, string>>();
  for (const file of PRODUCT)
    for (const target of productImportsOf(file)) {
      const [from, to] = [dirname(file), dirname(target)];
      if (from === to) continue;
      const known = edges.get(from) ?? new Map<string, string>();
      edges.set(from, known.set(to, `${file} imports ${target}`));
    }
  expect(edges.size).toBeGreaterThan(40);
  const circles = circlesIn(edges.keys(), (folder) => edges.get(folder)?.keys() ?? []);
  const imports = circles.map((way) =>
    way.slice(1).map((to, i) => edges.get(way[i] ?? "")?.get(to) ?? to),
  );
  expect(imports).toEqual([]);
});

it("has no circle of files, types included", () => {
  const circles = circlesIn(PRODUCT, productImportsOf);
  expect(circles.map((way) => way.join(" → "))).toEqual([]);
});

it("finds a circle of any length, by the way around it", () => {
  const next: Record<string, string[]> = { a: ["b"], b: ["c", "d"], c: ["a"], d: ["d"] };
  expect(circlesIn("abcd", (node) => next[node] ?? [])).toEqual([
    ["a", "b", "c", "a"],
    ["d", "d"],
  ]);
});

it("has at most 20 files in a folder", () => {
  const counts = new Map<string, number>();
  for (const file of PRODUCT) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > 20)).toEqual([]);
});

it("has nothing of the product import the library's doors", () => {
  const through = Object.keys(MAY_IMPORT)
    .flatMap(sourcesIn)
    .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
    .filter(({ target }) => /^[^/]+\.ts$/.test(target));
  expect(through).toEqual([]);
});

it.each(["client/host.ts", "cli/main.ts", "cli/commands/run.ts", "run/execute/execute-run.ts"])(
  "%s loads neither TensorFlow.js, mathjs, Vega, pino nor prom-client by itself",
  (file) => {
    const heavy = [...loadedBy(file)].filter((name) =>
      /tensorflow\/|mathjs|vega|resvg|^pino$|prom-client/.test(name),
    );
    expect(heavy).toEqual([]);
  },
);

it("names the version that package.json has", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(VERSION).toBe(version);
});
