/** The report of a real run in a real browser: what it shows, what it asks for, who can use it. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curvePage } from "../../report/curve-page.ts";
import { reportPage } from "../../report/report-page.ts";
import { murmurProcess, runJson, scratch } from "../support/murmur.ts";
import { browserPath } from "../support/requirements.ts";
import { reportFor } from "../support/run-reports.ts";

const TIMEOUT_MS = 180_000;
const PURCHASES = "scenarios/purchases.yaml";
const STOPS = 9;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const folder = scratch();
/** Where screenshots are kept to be looked at; nowhere unless the environment says. */
const screenshots = process.env.MURMUR_SCREENSHOTS;
let browser: Browser;
let run: { runFolder: string; epochs: unknown[] };
/** The run's own page, as `murmur run` left it, and as `murmur report` made it again. */
const pages = { run: "", again: "" };

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: browserPath(), args: ["--no-sandbox"] });
  run = await runJson(PURCHASES, ["--out", join(folder.path, "run")]);
  pages.run = join(run.runFolder, "report.html");
  pages.again = join(folder.path, "again.html");
  const { status, stderr } = await murmurProcess(["report", run.runFolder, "--out", pages.again]);
  if (status !== 0) throw new Error(stderr);
}, 2 * TIMEOUT_MS);

afterAll(async () => {
  await browser?.close();
  folder.remove();
});

type View = NonNullable<Parameters<Browser["newPage"]>[0]>;

/** Opens a file, and whatever its page complains of or asks for beside itself. */
async function opened(file: string, view: View = {}) {
  const page = await browser.newPage(view);
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const url = pathToFileURL(file).href;
  await page.goto(url);
  return { page, complaints, asked: () => asked.filter((one) => one !== url) };
}

/** Ids of what axe-core calls serious or worse, and where. axe runs outside the page's own CSP. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found: unknown = await page.evaluate(
    `axe.run().then(({ violations }) => violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 200))))`,
  );
  return Array.isArray(found) ? found.map(String) : ["axe said nothing"];
}

const focused = (page: Page) =>
  page.evaluate("document.activeElement.id || document.activeElement.name");

describe("the report of a run", () => {
  it.each(["run", "again"] as const)(
    "%s: loads without a complaint, and asks for nothing",
    async (which) => {
      const { page, complaints, asked } = await opened(pages[which]);
      expect(complaints).toEqual([]);
      expect(asked()).toEqual([]);
      await page.close();
    },
  );

  it("has its marks: a round each, the start, what was published, two ends and bars a client", async () => {
    const { page } = await opened(pages.again);
    const marks = (title: string) =>
      page.locator("figure", { hasText: title }).locator(".points_marks path").count();
    const rounds = run.epochs.length;
    expect(rounds).toBe(5);
    expect(await marks("Held-out accuracy by round")).toBe(2 * rounds + 1);
    expect(await marks("Held-out loss by round")).toBe(2 * rounds + 1);
    expect(await marks("Update norms beside the clip norm")).toBe(2 * rounds);
    expect(await marks("Signal beside noise")).toBe(2 * rounds);
    expect(await marks("Risk to be found")).toBe(2 * 10);
    expect(
      await page
        .locator("figure", { hasText: "Rows and labels" })
        .locator(".role-axis text")
        .count(),
    ).toBeGreaterThanOrEqual(10);
    await page.close();
  });

  it("shows three made-up people before and after", async () => {
    const { page } = await opened(pages.run);
    for (const stage of ["collect", "anonymize", "engineer"])
      expect(await page.locator(`#${stage} > .table tr`).count()).toBe(1 + 3);
    const raw = await page.locator("#collect > .table").innerText();
    expect(raw).toContain("@example.");
    expect(await page.locator("#anonymize > .table").innerText()).not.toContain("@example.");
    await page.close();
  });

  it("is the same page when made again, but for what a dry run measures", async () => {
    const parts = (file: string) =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => !line.includes("<svg"));
    const [before, after] = [parts(pages.run), parts(pages.again)];
    const gone = before.filter((line) => !after.includes(line));
    // Where the measured figures come in, it said how to have them.
    expect(gone).toHaveLength(1);
    expect(gone[0]).toContain("npx murmur-fl report RUN_FOLDER");
    expect(after.some((line) => line.includes("(dry run without noise)"))).toBe(true);
    expect(before.some((line) => line.includes("(dry run without noise)"))).toBe(false);
  });
});

describe("guided mode", () => {
  it("walks all stops by keyboard, ends at the questions, and can be left", async () => {
    const { page, complaints } = await opened(pages.run);
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("tour-start");
    await page.keyboard.press("Enter");
    expect(await focused(page)).toBe("tour-next");
    const seen: string[] = [];
    for (let stop = 1; stop <= STOPS; stop++) {
      expect(await page.locator("#tour-place").innerText()).toBe(`${stop} of ${STOPS}`);
      seen.push(await page.locator("#tour-title").innerText());
      expect(await page.locator(".lit").count()).toBe(1);
      // Both ways lead on.
      await page.keyboard.press(stop % 2 === 0 ? "Enter" : "ArrowRight");
    }
    expect(seen[0]).toBe("1 Data collection");
    expect(seen.slice(-2)).toEqual(["The key insight", "Three questions"]);
    expect(await page.locator("#tour").isVisible()).toBe(false);
    expect(await focused(page)).toBe("question-1");
    await page.locator("#tour-start").press("Enter");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowLeft");
    expect(await page.locator("#tour-place").innerText()).toBe(`1 of ${STOPS}`);
    await page.keyboard.press("Escape");
    expect(await page.locator("#tour").isVisible()).toBe(false);
    expect(await focused(page)).toBe("tour-start");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("keeps the focus in sight: each stop's outline and each button's is drawn", async () => {
    const { page } = await opened(pages.run);
    await page.keyboard.press("Tab");
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    expect(outline).toBe("solid");
    await page.close();
  });

  it("answers the quiz: wrong is told from right, and the reasons open", async () => {
    const { page } = await opened(pages.run);
    const questions = page.locator(".question");
    expect(await questions.count()).toBe(3);
    for (let q = 0; q < 3; q++) {
      const question = questions.nth(q);
      expect(await question.locator("details p").isVisible()).toBe(false);
      await question.locator("input:not([data-right])").first().check();
      expect(await question.locator(".verdict").innerText()).toBe("That does not hold here.");
      await question.locator("input[data-right]").check();
      expect(await question.locator(".verdict").innerText()).toBe("That is right.");
      expect(await question.locator("details p").isVisible()).toBe(true);
    }
    await page.close();
  });

  it("needs no script for anything else", async () => {
    const { page } = await opened(pages.run, { javaScriptEnabled: false });
    expect(await page.locator("#tour-start").isVisible()).toBe(false);
    expect(await page.locator("#tour").isVisible()).toBe(false);
    expect(await page.locator(".explained").count()).toBe(STOPS);
    expect(await page.locator(".question summary").count()).toBe(3);
    await page.close();
  });
});

describe("who can use it", () => {
  it.each([
    ["light", { colorScheme: "light", viewport: { width: 1200, height: 900 } }],
    ["dark", { colorScheme: "dark", viewport: { width: 1200, height: 900 } }],
    ["narrow", { colorScheme: "light", viewport: { width: 400, height: 800 } }],
  ] as const)(
    "axe-core finds nothing serious: %s",
    async (name, view) => {
      const { page } = await opened(pages.again, { ...view, viewport: { ...view.viewport } });
      await page.evaluate(
        "for (const one of document.querySelectorAll('details')) one.open = true",
      );
      expect(await faults(page)).toEqual([]);
      const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect(wide).toBeLessThanOrEqual(0);
      if (screenshots)
        await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
      await page.locator("#tour-start").click();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      expect(await faults(page)).toEqual([]);
      if (screenshots) await page.screenshot({ path: join(screenshots, `${name}-tour.png`) });
      await page.close();
    },
    TIMEOUT_MS,
  );

  it("nor on a page without any bound, nor on a sweep's", async () => {
    const file = join(folder.path, "other.html");
    const point = { setting: "local", mean: 0.7, interval: [0.6, 0.8] as const, n: 5 };
    const points = [0.1, 1].map((epsilon) => ({ ...point, epsilon, anonymized: epsilon }));
    const curve = { title: "a", points, baselines: [], majority: 0.5, caption: ["δ 1e-5"] };
    const none = await reportFor({ "privacy.trust": "none" });
    for (const html of [await reportPage(none), await curvePage(curve)]) {
      writeFileSync(file, html);
      const { page, complaints } = await opened(file, { colorScheme: "dark" });
      expect(await faults(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    }
    rmSync(file);
  });

  it("finds a fault where there is one", async () => {
    const file = join(folder.path, "bad.html");
    writeFileSync(
      file,
      "<title>a</title><html lang=en><img src=x><p style='color:#ccc'>hard to read</p>",
    );
    const { page } = await opened(file);
    const found = await faults(page);
    expect(found.some((one) => one.startsWith("image-alt"))).toBe(true);
    expect(found.some((one) => one.startsWith("color-contrast"))).toBe(true);
    await page.close();
    rmSync(file);
  });

  it("a client's own page has no serious fault either", async () => {
    const { page, complaints, asked } = await opened(
      join(run.runFolder, "clients-private/c01.html"),
    );
    expect(await faults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(asked()).toEqual([]);
    if (screenshots)
      await page.screenshot({ path: join(screenshots, "owner.png"), fullPage: true });
    await page.close();
  });
});

it("shows hostile names as text, and runs nothing of theirs", async () => {
  const hostile = `</script><img src=x onerror="document.title='owned'"><svg onload="document.title='owned'">`;
  const report = await reportFor({}, { clientLabels: [{ client: hostile, counts: [1, 2] }] });
  const stages = report.trace.stages.map((stage) => ({ ...stage, examples: [[hostile]] }));
  const html = await reportPage({
    ...report,
    scenario: { ...report.scenario, name: hostile },
    risks: [{ client: hostile, before: 0.5, after: 0.1 }],
    trace: { ...report.trace, stages },
  });
  const file = join(folder.path, "hostile.html");
  writeFileSync(file, html);
  const { page, complaints, asked } = await opened(file);
  expect(await page.title()).toContain("onerror");
  expect(await page.locator("h1").innerText()).toBe(hostile);
  expect(await page.locator("img").count()).toBe(0);
  expect(complaints).toEqual([]);
  expect(asked()).toEqual([]);
  await page.close();
});
