/**
 * Products of matrices. A matrix B of K rows × N columns lies in panels: eight columns wide, all K
 * rows of one panel after the other, so that a panel's rows lie side by side; the last panel is four
 * wide where that is enough. `quads` is its width in fours. Strides are in bytes.
 *
 * Multiplications and additions are rounded one by one, k ascending: the same bits on every machine.
 */

/**
 * C = bias + A·B. A row of A is `runs` runs of `runLength` floats, `runStride` apart: one run for a
 * plain row, one for each row of a window that lies on an image.
 *
 * @param rows where each row of A begins: u32[count], to be read up to a multiple of four
 * @param bias 0: none
 * @param c written up to a multiple of four rows
 */
export function multiply(
  a: usize, rows: usize, count: i32, runs: i32, runLength: i32, runStride: usize,
  b: usize, quads: i32, bias: usize, c: usize, cStride: usize,
): void {
  // Address 0 holds zeros.
  const biasStep: usize = bias == 0 ? 0 : 32;
  const k = <usize>(runs * runLength);
  const length = <usize>runLength << 2;
  for (let pairs = quads >> 1; pairs > 0; pairs--) {
    for (let i = 0; i < count; i += 4) {
      const r = rows + (<usize>i << 2);
      const r0 = a + load<u32>(r), r1 = a + load<u32>(r, 4), r2 = a + load<u32>(r, 8), r3 = a + load<u32>(r, 12);
      let c00 = v128.load(bias), c01 = v128.load(bias, 16);
      let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
      let bp = b;
      for (let run: usize = 0; run < <usize>runs; run++) {
        const at = run * runStride;
        let a0 = r0 + at, a1 = r1 + at, a2 = r2 + at, a3 = r3 + at;
        const end = a0 + length;
        while (a0 < end) {
          const b0 = v128.load(bp), b1 = v128.load(bp, 16);
          let s = v128.load_splat<f32>(a0);
          c00 = f32x4.add(c00, f32x4.mul(s, b0)); c01 = f32x4.add(c01, f32x4.mul(s, b1));
          s = v128.load_splat<f32>(a1);
          c10 = f32x4.add(c10, f32x4.mul(s, b0)); c11 = f32x4.add(c11, f32x4.mul(s, b1));
          s = v128.load_splat<f32>(a2);
          c20 = f32x4.add(c20, f32x4.mul(s, b0)); c21 = f32x4.add(c21, f32x4.mul(s, b1));
          s = v128.load_splat<f32>(a3);
          c30 = f32x4.add(c30, f32x4.mul(s, b0)); c31 = f32x4.add(c31, f32x4.mul(s, b1));
          bp += 32; a0 += 4; a1 += 4; a2 += 4; a3 += 4;
        }
      }
      let to = c + <usize>i * cStride;
      v128.store(to, c00); v128.store(to, c01, 16); to += cStride;
      v128.store(to, c10); v128.store(to, c11, 16); to += cStride;
      v128.store(to, c20); v128.store(to, c21, 16); to += cStride;
      v128.store(to, c30); v128.store(to, c31, 16);
    }
    b += k << 5; bias += biasStep; c += 32;
  }
  if (quads & 1) multiplyNarrow(a, rows, count, runs, length, runStride, b, bias, c, cStride);
}

/** The panel of four columns. */
function multiplyNarrow(
  a: usize, rows: usize, count: i32, runs: i32, length: usize, runStride: usize,
  b: usize, bias: usize, c: usize, cStride: usize,
): void {
  for (let i = 0; i < count; i += 4) {
    const r = rows + (<usize>i << 2);
    const r0 = a + load<u32>(r), r1 = a + load<u32>(r, 4), r2 = a + load<u32>(r, 8), r3 = a + load<u32>(r, 12);
    let c0 = v128.load(bias), c1 = c0, c2 = c0, c3 = c0;
    let bp = b;
    for (let run: usize = 0; run < <usize>runs; run++) {
      const at = run * runStride;
      let a0 = r0 + at, a1 = r1 + at, a2 = r2 + at, a3 = r3 + at;
      const end = a0 + length;
      while (a0 < end) {
        const b0 = v128.load(bp);
        c0 = f32x4.add(c0, f32x4.mul(v128.load_splat<f32>(a0), b0));
        c1 = f32x4.add(c1, f32x4.mul(v128.load_splat<f32>(a1), b0));
        c2 = f32x4.add(c2, f32x4.mul(v128.load_splat<f32>(a2), b0));
        c3 = f32x4.add(c3, f32x4.mul(v128.load_splat<f32>(a3), b0));
        bp += 16; a0 += 4; a1 += 4; a2 += 4; a3 += 4;
      }
    }
    let to = c + <usize>i * cStride;
    v128.store(to, c0); to += cStride;
    v128.store(to, c1); to += cStride;
    v128.store(to, c2); to += cStride;
    v128.store(to, c3);
  }
}

/**
 * total += Aᵀ·W, a block of rows after the other: each block's sum is float32, rows ascending, and
 * goes to the float64 total as a whole.
 *
 * @param a K columns, to be read up to a multiple of four
 * @param w rows × N in panels
 * @param ends where each block ends: u32[blocks], of the rows
 * @param total float64, K × N in panels
 */
export function addBlocks(
  a: usize, aStride: usize, k: i32, w: usize, rows: i32, quads: i32, ends: usize, blocks: i32, total: usize,
): void {
  for (let j = 0; j < k; j += 4) {
    let wp = w;
    let to = total + (<usize>j << 6);
    for (let pairs = quads >> 1; pairs > 0; pairs--) {
      let i = 0;
      for (let block = 0; block < blocks; block++) {
        const end = load<i32>(ends + (<usize>block << 2));
        let ap = a + <usize>i * aStride + (<usize>j << 2);
        let p = wp + (<usize>i << 5);
        let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
        for (; i < end; i++) {
          const w0 = v128.load(p), w1 = v128.load(p, 16);
          let s = v128.load_splat<f32>(ap);
          c00 = f32x4.add(c00, f32x4.mul(s, w0)); c01 = f32x4.add(c01, f32x4.mul(s, w1));
          s = v128.load_splat<f32>(ap, 4);
          c10 = f32x4.add(c10, f32x4.mul(s, w0)); c11 = f32x4.add(c11, f32x4.mul(s, w1));
          s = v128.load_splat<f32>(ap, 8);
          c20 = f32x4.add(c20, f32x4.mul(s, w0)); c21 = f32x4.add(c21, f32x4.mul(s, w1));
          s = v128.load_splat<f32>(ap, 12);
          c30 = f32x4.add(c30, f32x4.mul(s, w0)); c31 = f32x4.add(c31, f32x4.mul(s, w1));
          p += 32; ap += aStride;
        }
        addQuad(to, c00); addQuad(to + 32, c01);
        if (j + 1 < k) { addQuad(to + 64, c10); addQuad(to + 96, c11); }
        if (j + 2 < k) { addQuad(to + 128, c20); addQuad(to + 160, c21); }
        if (j + 3 < k) { addQuad(to + 192, c30); addQuad(to + 224, c31); }
      }
      wp += <usize>rows << 5;
      to += <usize>k << 6;
    }
    // In the narrow panel a row takes half the room.
    if (quads & 1) addNarrowBlocks(a, aStride, k, j, wp, ends, blocks, to - (<usize>j << 5));
  }
}

function addNarrowBlocks(
  a: usize, aStride: usize, k: i32, j: i32, w: usize, ends: usize, blocks: i32, to: usize,
): void {
  let i = 0;
  for (let block = 0; block < blocks; block++) {
    const end = load<i32>(ends + (<usize>block << 2));
    let ap = a + <usize>i * aStride + (<usize>j << 2);
    let p = w + (<usize>i << 4);
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
    for (; i < end; i++) {
      const w0 = v128.load(p);
      c0 = f32x4.add(c0, f32x4.mul(v128.load_splat<f32>(ap), w0));
      c1 = f32x4.add(c1, f32x4.mul(v128.load_splat<f32>(ap, 4), w0));
      c2 = f32x4.add(c2, f32x4.mul(v128.load_splat<f32>(ap, 8), w0));
      c3 = f32x4.add(c3, f32x4.mul(v128.load_splat<f32>(ap, 12), w0));
      p += 16; ap += aStride;
    }
    addQuad(to, c0);
    if (j + 1 < k) addQuad(to + 32, c1);
    if (j + 2 < k) addQuad(to + 64, c2);
    if (j + 3 < k) addQuad(to + 96, c3);
  }
}

/**
 * M −= share · (AᵀW), of one block: what addBlocks adds to zeros, taken off in float64 and rounded once, with no
 * float64 total in between.
 *
 * @param a, w as of addBlocks
 * @param m K × N floats in panels
 */
export function descendBlock(
  a: usize, aStride: usize, k: i32, w: usize, rows: i32, quads: i32, m: usize, share: f64,
): void {
  const f = f64x2.splat(share);
  for (let j = 0; j < k; j += 4) {
    const first = a + (<usize>j << 2);
    let p = w;
    let to = m + (<usize>j << 5);
    for (let pairs = quads >> 1; pairs > 0; pairs--) {
      let ap = first;
      let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      for (let i = 0; i < rows; i++) {
        const w0 = v128.load(p), w1 = v128.load(p, 16);
        let s = v128.load_splat<f32>(ap);
        c00 = f32x4.add(c00, f32x4.mul(s, w0)); c01 = f32x4.add(c01, f32x4.mul(s, w1));
        s = v128.load_splat<f32>(ap, 4);
        c10 = f32x4.add(c10, f32x4.mul(s, w0)); c11 = f32x4.add(c11, f32x4.mul(s, w1));
        s = v128.load_splat<f32>(ap, 8);
        c20 = f32x4.add(c20, f32x4.mul(s, w0)); c21 = f32x4.add(c21, f32x4.mul(s, w1));
        s = v128.load_splat<f32>(ap, 12);
        c30 = f32x4.add(c30, f32x4.mul(s, w0)); c31 = f32x4.add(c31, f32x4.mul(s, w1));
        p += 32; ap += aStride;
      }
      takeQuad(to, c00, f); takeQuad(to + 16, c01, f);
      if (j + 1 < k) { takeQuad(to + 32, c10, f); takeQuad(to + 48, c11, f); }
      if (j + 2 < k) { takeQuad(to + 64, c20, f); takeQuad(to + 80, c21, f); }
      if (j + 3 < k) { takeQuad(to + 96, c30, f); takeQuad(to + 112, c31, f); }
      to += <usize>k << 5;
    }
    // In the narrow panel a row takes half the room.
    if (quads & 1) descendNarrow(first, aStride, k - j, p, rows, to - (<usize>j << 4), f);
  }
}

function descendNarrow(a: usize, aStride: usize, left: i32, w: usize, rows: i32, to: usize, f: v128): void {
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
  for (let i = 0; i < rows; i++) {
    const w0 = v128.load(w);
    c0 = f32x4.add(c0, f32x4.mul(v128.load_splat<f32>(a), w0));
    c1 = f32x4.add(c1, f32x4.mul(v128.load_splat<f32>(a, 4), w0));
    c2 = f32x4.add(c2, f32x4.mul(v128.load_splat<f32>(a, 8), w0));
    c3 = f32x4.add(c3, f32x4.mul(v128.load_splat<f32>(a, 12), w0));
    w += 16; a += aStride;
  }
  takeQuad(to, c0, f);
  if (left > 1) takeQuad(to + 16, c1, f);
  if (left > 2) takeQuad(to + 32, c2, f);
  if (left > 3) takeQuad(to + 48, c3, f);
}

/** Four floats less f times four others, which are first added to zeros: −0 becomes 0. */
// @ts-ignore: decorator
@inline
function takeQuad(to: usize, x: v128, f: v128): void {
  const zero = f64x2.splat(0);
  const old = v128.load(to);
  const low = f64x2.mul(f, f64x2.add(zero, f64x2.promote_low_f32x4(x)));
  const high = f64x2.mul(f, f64x2.add(zero, f64x2.promote_low_f32x4(i32x4.shuffle(x, x, 2, 3, 0, 1))));
  const first = f64x2.sub(f64x2.promote_low_f32x4(old), low);
  const second = f64x2.sub(f64x2.promote_low_f32x4(i32x4.shuffle(old, old, 2, 3, 0, 1)), high);
  v128.store(to, i64x2.shuffle(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 2));
}

/** total += the sums of W's columns, block by block, as in addBlocks. */
export function addBiasBlocks(w: usize, rows: i32, quads: i32, ends: usize, blocks: i32, total: usize): void {
  for (let left = quads; left > 0; ) {
    const wide = left > 1;
    const step: usize = wide ? 32 : 16;
    let p = w;
    let i = 0;
    for (let block = 0; block < blocks; block++) {
      const end = load<i32>(ends + (<usize>block << 2));
      let c0 = f32x4.splat(0), c1 = c0;
      for (; i < end; i++) {
        c0 = f32x4.add(c0, v128.load(p));
        if (wide) c1 = f32x4.add(c1, v128.load(p, 16));
        p += step;
      }
      addQuad(total, c0);
      if (wide) addQuad(total + 32, c1);
    }
    w += <usize>rows * step;
    total += step << 1;
    left -= 2;
  }
}

/** Four floats onto four float64. */
// @ts-ignore: decorator
@inline
function addQuad(to: usize, x: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(x)));
  const high = i32x4.shuffle(x, x, 2, 3, 0, 1);
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
}

/**
 * G = Pᵀ·D, or G += where `onto` is 1: P's entry (p, k) lies at image + rows[p] + columns[k].
 *
 * @param columns u32[k], to be read up to a multiple of four
 * @param d count rows of 4·quads floats
 * @param g K × N in panels
 */
export function multiplyPatches(
  image: usize, rows: usize, count: i32, columns: usize, k: i32,
  d: usize, dStride: usize, quads: i32, g: usize, onto: i32,
): void {
  const rowsEnd = rows + (<usize>count << 2);
  for (let j = 0; j < k; j += 4) {
    const o = columns + (<usize>j << 2);
    const a0 = image + load<u32>(o), a1 = image + load<u32>(o, 4), a2 = image + load<u32>(o, 8), a3 = image + load<u32>(o, 12);
    let dp = d;
    let to = g + (<usize>j << 5);
    for (let pairs = quads >> 1; pairs > 0; pairs--) {
      let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      if (onto) {
        c00 = v128.load(to); c01 = v128.load(to, 16); c10 = v128.load(to, 32); c11 = v128.load(to, 48);
        c20 = v128.load(to, 64); c21 = v128.load(to, 80); c30 = v128.load(to, 96); c31 = v128.load(to, 112);
      }
      let p = dp;
      for (let r = rows; r < rowsEnd; r += 4) {
        const at = <usize>load<u32>(r);
        const d0 = v128.load(p), d1 = v128.load(p, 16);
        let s = v128.load_splat<f32>(a0 + at);
        c00 = f32x4.add(c00, f32x4.mul(s, d0)); c01 = f32x4.add(c01, f32x4.mul(s, d1));
        s = v128.load_splat<f32>(a1 + at);
        c10 = f32x4.add(c10, f32x4.mul(s, d0)); c11 = f32x4.add(c11, f32x4.mul(s, d1));
        s = v128.load_splat<f32>(a2 + at);
        c20 = f32x4.add(c20, f32x4.mul(s, d0)); c21 = f32x4.add(c21, f32x4.mul(s, d1));
        s = v128.load_splat<f32>(a3 + at);
        c30 = f32x4.add(c30, f32x4.mul(s, d0)); c31 = f32x4.add(c31, f32x4.mul(s, d1));
        p += dStride;
      }
      v128.store(to, c00); v128.store(to, c01, 16);
      if (j + 1 < k) { v128.store(to, c10, 32); v128.store(to, c11, 48); }
      if (j + 2 < k) { v128.store(to, c20, 64); v128.store(to, c21, 80); }
      if (j + 3 < k) { v128.store(to, c30, 96); v128.store(to, c31, 112); }
      dp += 32;
      to += <usize>k << 5;
    }
    if (quads & 1) {
      to -= <usize>j << 4;
      let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
      if (onto) { c0 = v128.load(to); c1 = v128.load(to, 16); c2 = v128.load(to, 32); c3 = v128.load(to, 48); }
      let p = dp;
      for (let r = rows; r < rowsEnd; r += 4) {
        const at = <usize>load<u32>(r);
        const d0 = v128.load(p);
        c0 = f32x4.add(c0, f32x4.mul(v128.load_splat<f32>(a0 + at), d0));
        c1 = f32x4.add(c1, f32x4.mul(v128.load_splat<f32>(a1 + at), d0));
        c2 = f32x4.add(c2, f32x4.mul(v128.load_splat<f32>(a2 + at), d0));
        c3 = f32x4.add(c3, f32x4.mul(v128.load_splat<f32>(a3 + at), d0));
        p += dStride;
      }
      v128.store(to, c0);
      if (j + 1 < k) v128.store(to, c1, 16);
      if (j + 2 < k) v128.store(to, c2, 32);
      if (j + 3 < k) v128.store(to, c3, 48);
    }
  }
}

/** sums = the sums of D's columns, or += where `onto` is 1: 4·quads floats. */
export function sumColumns(d: usize, dStride: usize, count: i32, quads: i32, sums: usize, onto: i32): void {
  for (let q = 0; q < quads; q++) {
    let sum = onto ? v128.load(sums) : f32x4.splat(0);
    let p = d;
    for (let i = 0; i < count; i++) {
      sum = f32x4.add(sum, v128.load(p));
      p += dStride;
    }
    v128.store(sums, sum);
    d += 16; sums += 16;
  }
}
