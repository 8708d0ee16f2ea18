import { expect, it } from "vitest";
import { sampledGaussianRdp } from "../../../../shared/accounting/mechanisms/rdp.ts";
import { layOut, type Question, roomFor } from "../../../../shared/accounting/pld/layout.ts";

it("lays a grid out for the next power of two's sixteenth root, powers of two for themselves", () => {
  for (let count = 1; count < 32; count++) expect(roomFor(count)).toBe(count);
  for (let k = 5; k <= 40; k++) expect(roomFor(2 ** k)).toBe(2 ** k);
  for (let count = 33; count < 1e9; count = Math.ceil(count * 1.037)) {
    const room = roomFor(count);
    expect(room).toBeGreaterThanOrEqual(count);
    expect(room).toBeLessThanOrEqual(Math.ceil(count * 2 ** (1 / 16)));
  }
});

/** Rate, noise, count of each part; delta and, where it is the answer's place, epsilon. */
type Asked = readonly [
  parts: readonly (readonly [rate: number, noise: number, count: number])[],
  question: readonly [delta: number, epsilon?: number],
];

function laidOut(parts: Asked[0], [delta, epsilon]: Asked[1]) {
  const steps = parts.map(([rate, noiseMultiplier, count]) => ({ rate, noiseMultiplier, count }));
  const question: Question =
    epsilon === undefined ? { kind: "epsilon", delta } : { kind: "delta", epsilon, delta };
  const variance = steps.reduce((sum, { rate, noiseMultiplier, count }) => {
    return sum + (2 * count * sampledGaussianRdp(rate, noiseMultiplier, 1.1)) / 1.1;
  }, 0);
  return layOut(steps, variance, question);
}

/**
 * Any grid is a bound, but another one moves the last digits of every epsilon that a plan holds: these
 * are the grids that published ones rest on, as of 2026-12-03. Spacing, tilt, log mgf, lowest loss,
 * length, losses needed, whether the window holds all.
 */
const GRIDS: readonly (readonly [...Asked, readonly (number | boolean)[] | undefined])[] = [
  [
    [[0.01, 1, 1]],
    [0.00001],
    [0.00048828125, 13.4543426, 2.1971562, -1649, 8192, 5424.08552, false],
  ],
  [
    [[0.01, 1, 1024]],
    [0.00001],
    [0.000457763671875, 4.75682846, 2.70144093, -2303, 16384, 14387.5675, false],
  ],
  [
    [[0.01, 1, 1024]],
    [1e-12],
    [0.00048828125, 5.65685425, 3.86131415, -2292, 32768, 28872.8574, false],
  ],
  [[[0.2, 2, 64]], [0.001], [0.001953125, 3.36358566, 5.98261999, -501, 8192, 4833.21716, false]],
  [
    [[0.5, 0.7, 16]],
    [0.000001],
    [0.0078125, 0.840896415, 11.3286021, 129, 8192, 6057.72613, false],
  ],
  [
    [[0.001, 0.6, 65536]],
    [1e-7],
    [0.0001373291015625, 2.37841423, 4.5691193, -23636, 262144, 181825.704, false],
  ],
  [
    [[0.000001, 0.5, 1048576]],
    [1e-8],
    [0.0000209808349609375, 6.72717132, 0.00209515029, -5404, 524288, 458948.633, false],
  ],
  [
    [
      [0.1, 1.1, 32],
      [0.01, 3, 512],
    ],
    [0.00001],
    [0.00091552734375, 2.37841423, 2.07521311, -2932, 16384, 14334.3943, false],
  ],
  [
    [
      [0.1, 1.1, 32],
      [1, 20, 1],
    ],
    [0.00001],
    [0.00146484375, 3.36358566, 4.75158028, -2199, 16384, 13093.9167, false],
  ],
  [
    [[0.1, 0.06, 4]],
    [0.00001],
    [0.0703125, 0.0371627223, 12.0413802, -1, 16384, 13259.5567, false],
  ],
  [
    [[0.3, 100, 8]],
    [0.01],
    [0.000019073486328125, 215.269482, 1.68369314, -973, 8192, 5205.70194, false],
  ],
  [
    [[0.01, 1, 1024]],
    [0.0001, 1],
    [0.00042724609375, 4, 1.91994533, -2616, 16384, 15618.2491, false],
  ],
  [
    [[0.01, 1, 1024]],
    [1e-40, 8],
    [0.0008544921875, 6.72717132, 5.7399511, -2992, 65536, 58020.1592, false],
  ],
  [
    [[0.2, 2, 64]],
    [0.3, 0.1],
    [0.001953125, 1.68179283, 1.68428296, -1085, 8192, 5340.60659, false],
  ],
  [
    [[0.5, 0.7, 16]],
    [0.00001, 20],
    [0.0078125, 0.840896415, 11.3286021, 129, 8192, 5956.00832, false],
  ],
  [
    [[0.001, 0.6, 65536]],
    [0.000001, 0.5],
    [0.0001373291015625, 2, 3.23559466, -19471, 262144, 189595.283, false],
  ],
  [
    [[0.01, 1, 67108864]],
    [0.00001],
    [0.00244140625, 0.0371627223, 218.283551, 2215659, 524288, 439346.871, false],
  ],
  [[[0.01, 1, 71303168]], [0.00001], undefined],
  [[[0.01, 1, 16]], [1e-263, 30], undefined],
  [
    [[0.01, 1, 16]],
    [1e-262, 30],
    [0.00732421875, 9.51365692, 29.6067325, 4095, 32768, 22242.7156, false],
  ],
  [
    [[0.01, 1, 16]],
    [1e-120, 30],
    [0.00439453125, 9.51365692, 29.6022277, 6825, 32768, 19511.7572, false],
  ],
  [[[0.001, 0.02, 2]], [1e-9], undefined],
  [
    [[0.9, 0.05, 1024]],
    [0.00001],
    [0.46875, 0.001953125, 366.58489, 375548, 65536, 49549.2656, false],
  ],
  [[[0.5, 0.5, 1]], [0.00001], [0.003662109375, 2, 9.91619958, -1, 8192, 4440.99299, false]],
  [
    [[0.9, 0.3, 1]],
    [0.00001],
    [0.0068359375, 1.18920712, 14.2290225, 728, 4096, 3802.78329, false],
  ],
  [
    [[0.5, 0.06, 1]],
    [0.00001],
    [0.05859375, 0.210224104, 34.4959268, 2104, 4096, 2531.49668, false],
  ],
  [
    [[0.001, 5, 1]],
    [0.00001],
    [8.344650268554688e-7, 9741.98469, 4.27036075, -1468, 8192, 4773.75703, false],
  ],
  [
    [[0.3, 100, 1]],
    [0.00001],
    [0.0000095367431640625, 1448.15469, 9.72549795, -1, 4096, 2341.85359, false],
  ],
  [
    [[0.5, 2, 2]],
    [0.05, 0.3],
    [0.0008544921875, 3.36358566, 1.18549264, -1563, 8192, 6876.41059, false],
  ],
  [[[0.5, 2, 1]], [0.2, 0.05], [0.00054931640625, 4.75682846, 1.2233719, -3341, 8192, 6682, true]],
  [
    [[0.0001, 1, 2]],
    [0.000001],
    [0.0000171661376953125, 215.269482, 0.000865804995, -67, 8192, 7743.97996, false],
  ],
];

it.each(GRIDS)("lays out %j at delta and epsilon %j as it always did", (parts, question, grid) => {
  const layout = laidOut(parts, question);
  if (!grid) return expect(layout).toBeUndefined();
  const [spacing, tilt = 0, logMgf = 0, lowest, length, needed = 0, whole] = grid;
  expect(layout).toMatchObject({ spacing, lowest, length, whole });
  expect(layout?.parts.map(({ count }) => count)).toEqual(parts.map(([, , count]) => count));
  expect((layout?.tilt ?? 0) / Number(tilt)).toBeCloseTo(1, 7);
  expect((layout?.logMgf ?? 0) / Number(logMgf)).toBeCloseTo(1, 6);
  expect((layout?.needed ?? 0) / Number(needed)).toBeCloseTo(1, 7);
});
