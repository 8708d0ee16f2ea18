/** What `report` writes in a run's folder that somebody handed over. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeBeside } from "../../../cli/terminal/write-into.ts";
import { scratch } from "../../support/murmur.ts";

let folder: ReturnType<typeof scratch>;
const at = (name: string) => join(folder.path, name);
const run = () => at("run");
beforeEach(() => {
  folder = scratch();
  mkdirSync(run());
  mkdirSync(at("home"));
  writeFileSync(at("home/profile"), "precious");
});
afterEach(() => folder.remove());

it("takes the place of a link in the run's folder, and follows none", () => {
  symlinkSync(at("home/profile"), at("run/report.html"));
  writeBeside(run(), at("run/report.html"), "page", "--out");
  expect(readFileSync(at("home/profile"), "utf8")).toBe("precious");
  expect(lstatSync(at("run/report.html")).isFile()).toBe(true);
  expect(readFileSync(at("run/report.html"), "utf8")).toBe("page");
});

it("refuses a folder in the run's that is a link out of it", () => {
  symlinkSync(at("home"), at("run/figures"));
  const write = () => writeBeside(run(), at("run/figures/curve.svg"), "<svg/>", "--png");
  expect(write).toThrow("--png");
  expect(write).toThrow("a link leads to");
  expect(existsSync(at("home/curve.svg"))).toBe(false);
});

it("follows what somebody typed: a run, or a place beyond it, that is a link", () => {
  symlinkSync(run(), at("latest"));
  writeBeside(at("latest"), at("latest/report.html"), "page", "--out");
  expect(readFileSync(at("run/report.html"), "utf8")).toBe("page");
  symlinkSync(at("home/page.html"), at("page.html"));
  writeBeside(run(), at("page.html"), "typed", "--out");
  expect(readFileSync(at("home/page.html"), "utf8")).toBe("typed");
});
