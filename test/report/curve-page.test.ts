/** A sweep's page: each point is in its table, every text is text, and nothing is asked of anybody. */
import { expect, it } from "vitest";
import { curvePage } from "../../report/curve-page.ts";

const HOSTILE = "</script><img src=x onerror=alert(1)>";
const point = { setting: HOSTILE, mean: 0.7, interval: [0.6, 0.8] as const, n: 5 };
const curve = {
  title: `Purchases ${HOSTILE}`,
  points: [0.01, 0.1, 1].map((epsilon) => ({ ...point, epsilon, anonymized: epsilon })),
  baselines: [{ setting: null, mean: 0.9, interval: null, n: 1 }],
  majority: 0.55,
  caption: [`δ 1e-5 ${HOSTILE}`],
};

it("has a row for each point and one for the twin, and a picture of them", async () => {
  const html = await curvePage(curve);
  // A head, three points, the twin.
  expect(html.match(/<tr>/g)).toHaveLength(5);
  expect(html.match(/<svg /g)).toHaveLength(1);
  expect(html.split("δ 1e-5")).toHaveLength(2);
  // One seed has no interval.
  expect(html).toMatch(/90\.0 %<\/td>\s*<td[^>]*>·<\/td>\s*<td[^>]*>·<\/td>\s*<td[^>]*>1</);
  expect(html).toContain("90.0 % without noise, clipping kept");
});

it("shows names as text, and loads nothing", async () => {
  const html = await curvePage(curve, [`found ${HOSTILE}`]);
  expect(html).toContain("<p>found &lt;/script&gt;");
  expect(html).not.toContain("<img");
  expect(html).not.toMatch(/<script|(src|href)="?http|@import/);
  expect(html).toContain("default-src 'none'");
});

it("says how the picture is to be read, where there are several curves", async () => {
  expect(await curvePage(curve)).not.toContain("side by side");
  const points = [
    ...curve.points,
    { ...point, setting: "another", epsilon: null, anonymized: 0.4 },
  ];
  const both = await curvePage({ ...curve, points });
  expect(both).toContain("side by side");
  expect(both).toContain("∞ (anonymized 0.400)");
});

it("has a dot where one seed tells of no interval", async () => {
  const alone = { ...point, epsilon: 1, anonymized: 1, interval: null, n: 1 };
  const html = await curvePage({ ...curve, points: [alone], baselines: [] });
  expect(html).toContain("<td>70.0 %</td><td>·</td><td>·</td><td>1</td>");
  expect(html).toContain('aria-label="1 point."');
});
