/** Copies from one layout into another: plain matrices, panels (products.as.ts), padded images. */

/** K × N floats, row by row → panels; columns beyond N are zeros. */
export function pack(from: usize, k: i32, n: i32, to: usize): void {
  for (let j = 0; j < n; j += 8) {
    const room = n - j > 4 ? 8 : 4;
    const width = min(n - j, room);
    for (let i = 0; i < k; i++) {
      let source = from + ((<usize>i * n + j) << 2);
      if (width == 8) {
        v128.store(to, v128.load(source));
        v128.store(to, v128.load(source, 16), 16);
        to += 32;
      } else {
        for (let c = 0; c < room; c++) {
          store<f32>(to, c < width ? load<f32>(source) : 0);
          source += 4; to += 4;
        }
      }
    }
  }
}

/** And back. */
export function unpack(from: usize, k: i32, n: i32, to: usize): void {
  for (let j = 0; j < n; j += 8) {
    const room = n - j > 4 ? 8 : 4;
    const width = min(n - j, room);
    for (let i = 0; i < k; i++) {
      const target = to + ((<usize>i * n + j) << 2);
      if (width == 8) {
        v128.store(target, v128.load(from));
        v128.store(target, v128.load(from, 16), 16);
      } else {
        for (let c = 0; c < width; c++) store<f32>(target + (<usize>c << 2), load<f32>(from + (<usize>c << 2)));
      }
      from += <usize>room << 2;
    }
  }
}

/** The transpose of K × N floats, row by row → panels of N rows; columns beyond K are zeros. */
export function packTransposed(from: usize, k: i32, n: i32, to: usize): void {
  for (let j = 0; j < k; j += 8) {
    const room = k - j > 4 ? 8 : 4;
    const width = min(k - j, room);
    for (let i = 0; i < n; i++) {
      let source = from + ((<usize>j * n + i) << 2);
      for (let c = 0; c < room; c++) {
        store<f32>(to, c < width ? load<f32>(source) : 0);
        source += <usize>n << 2; to += 4;
      }
    }
  }
}

/** K × N float64, row by row → panels, for a sum that goes on. */
export function packTotal(from: usize, k: i32, n: i32, to: usize): void {
  for (let j = 0; j < n; j += 8) {
    const room = n - j > 4 ? 8 : 4;
    const width = min(n - j, room);
    for (let i = 0; i < k; i++) {
      const source = from + ((<usize>i * n + j) << 3);
      for (let c = 0; c < width; c++) store<f64>(to + (<usize>c << 3), load<f64>(source + (<usize>c << 3)));
      to += <usize>room << 3;
    }
  }
}

/** And back. */
export function unpackTotal(from: usize, k: i32, n: i32, to: usize): void {
  for (let j = 0; j < n; j += 8) {
    const room = n - j > 4 ? 8 : 4;
    const width = min(n - j, room);
    for (let i = 0; i < k; i++) {
      const target = to + ((<usize>i * n + j) << 3);
      if (width == 8) {
        v128.store(target, v128.load(from));
        v128.store(target, v128.load(from, 16), 16);
        v128.store(target, v128.load(from, 32), 32);
        v128.store(target, v128.load(from, 48), 48);
      } else {
        for (let c = 0; c < width; c++) store<f64>(target + (<usize>c << 3), load<f64>(from + (<usize>c << 3)));
      }
      from += <usize>room << 3;
    }
  }
}

/**
 * W = D, each row times its factor, in panels: the product is float64's, rounded once.
 *
 * @param d rows of 4·quads floats
 * @param factors float64[rows]; 0: none
 */
export function weigh(d: usize, dStride: usize, rows: i32, quads: i32, factors: usize, w: usize): void {
  for (let left = quads; left > 0; left -= 2) {
    const wide = left > 1;
    let p = d;
    for (let i = 0; i < rows; i++) {
      const f = factors == 0 ? f64x2.splat(1) : v128.load_splat<f64>(factors + (<usize>i << 3));
      v128.store(w, scaled(v128.load(p), f));
      if (wide) v128.store(w, scaled(v128.load(p, 16), f), 16);
      w += wide ? 32 : 16;
      p += dStride;
    }
    d += 32;
  }
}

// @ts-ignore: decorator
@inline
function scaled(x: v128, f: v128): v128 {
  const low = f64x2.mul(f64x2.promote_low_f32x4(x), f);
  const high = f64x2.mul(f64x2.promote_low_f32x4(i32x4.shuffle(x, x, 2, 3, 0, 1)), f);
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** Copies rows of n floats. */
export function copyRows(from: usize, fromStride: usize, to: usize, toStride: usize, n: i32, rows: i32): void {
  for (let i = 0; i < rows; i++) {
    copyFloats(from, to, n);
    from += fromStride; to += toStride;
  }
}

// @ts-ignore: decorator
@inline
function copyFloats(from: usize, to: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(to + (<usize>i << 2), v128.load(from + (<usize>i << 2)));
  for (; i < n; i++) store<f32>(to + (<usize>i << 2), load<f32>(from + (<usize>i << 2)));
}

/**
 * Adds each patch to where it lies on the image: what multiply reads, in the other direction.
 *
 * @param patches count rows of runs × runLength floats
 */
export function addPatches(
  patches: usize, stride: usize, rows: usize, count: i32, runs: i32, runLength: i32, runStride: usize, image: usize,
): void {
  for (let i = 0; i < count; i++) {
    let to = image + load<u32>(rows + (<usize>i << 2));
    let from = patches;
    for (let run = 0; run < runs; run++) {
      let t = 0;
      for (; t + 4 <= runLength; t += 4) {
        const at = to + (<usize>t << 2);
        v128.store(at, f32x4.add(v128.load(at), v128.load(from)));
        from += 16;
      }
      for (; t < runLength; t++) {
        const at = to + (<usize>t << 2);
        store<f32>(at, load<f32>(at) + load<f32>(from));
        from += 4;
      }
      to += runStride;
    }
    patches += stride;
  }
}
