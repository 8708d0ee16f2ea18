/**
 * Pools of one image. `pixels` lists the pixels of each position's window, in bytes from the image's
 * start, u32, one window after the other; `starts` has where each list begins, u32[positions + 1].
 */

/**
 * out = the largest of each window and channel, the first of equal ones; NaN is above all.
 *
 * @param chosen where it was, in bytes from the image's start: u32[positions × channels]
 */
export function maxPool(
  image: usize, pixels: usize, starts: usize, positions: i32, channels: i32, out: usize, chosen: usize,
): void {
  const lanes = i32x4(0, 4, 8, 12);
  for (let p = 0; p < positions; p++) {
    const first = pixels + (load<u32>(starts) << 2), end = pixels + (load<u32>(starts, 4) << 2);
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      const at = image + (<usize>c << 2);
      let best = i32x4.splat(load<u32>(first));
      let most = v128.load(at + load<u32>(first));
      for (let t = first + 4; t < end; t += 4) {
        const x = v128.load(at + load<u32>(t));
        const above = v128.andnot(f32x4.eq(most, most), f32x4.le(x, most));
        most = v128.bitselect(x, most, above);
        best = v128.bitselect(i32x4.splat(load<u32>(t)), best, above);
      }
      v128.store(out, most);
      v128.store(chosen, i32x4.add(best, i32x4.add(lanes, i32x4.splat(c << 2))));
      out += 16; chosen += 16;
    }
    for (; c < channels; c++) {
      const at = <usize>c << 2;
      let best = load<u32>(first);
      let most = load<f32>(image + at + best);
      for (let t = first + 4; t < end; t += 4) {
        const x = load<f32>(image + at + load<u32>(t));
        if (x <= most || most != most) continue;
        most = x;
        best = load<u32>(t);
      }
      store<f32>(out, most);
      store<u32>(chosen, best + <u32>at);
      out += 4; chosen += 4;
    }
    starts += 4;
  }
}

/** Adds each delta to where its maximum was. */
export function maxPoolBack(deltas: usize, chosen: usize, count: i32, below: usize): void {
  for (const end = deltas + (<usize>count << 2); deltas < end; deltas += 4) {
    const to = below + load<u32>(chosen);
    store<f32>(to, load<f32>(to) + load<f32>(deltas));
    chosen += 4;
  }
}

/** out = the mean of each window's pixels, channel by channel. */
export function averagePool(
  image: usize, pixels: usize, starts: usize, positions: i32, channels: i32, out: usize,
): void {
  for (let p = 0; p < positions; p++) {
    const first = pixels + (load<u32>(starts) << 2), end = pixels + (load<u32>(starts, 4) << 2);
    const count = <f32>((end - first) >> 2);
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      let sum = f32x4.splat(0);
      for (let t = first; t < end; t += 4) sum = f32x4.add(sum, v128.load(image + (<usize>c << 2) + load<u32>(t)));
      v128.store(out, f32x4.div(sum, f32x4.splat(count)));
      out += 16;
    }
    for (; c < channels; c++) {
      let sum: f32 = 0;
      for (let t = first; t < end; t += 4) sum += load<f32>(image + (<usize>c << 2) + load<u32>(t));
      store<f32>(out, sum / count);
      out += 4;
    }
    starts += 4;
  }
}

/** Adds to each pixel its share of each delta. */
export function averagePoolBack(
  deltas: usize, pixels: usize, starts: usize, positions: i32, channels: i32, below: usize,
): void {
  for (let p = 0; p < positions; p++) {
    const first = pixels + (load<u32>(starts) << 2), end = pixels + (load<u32>(starts, 4) << 2);
    const count = <f32>((end - first) >> 2);
    let c = 0;
    for (; c + 4 <= channels; c += 4) {
      const share = f32x4.div(v128.load(deltas), f32x4.splat(count));
      for (let t = first; t < end; t += 4) {
        const to = below + (<usize>c << 2) + load<u32>(t);
        v128.store(to, f32x4.add(v128.load(to), share));
      }
      deltas += 16;
    }
    for (; c < channels; c++) {
      const share = load<f32>(deltas) / count;
      for (let t = first; t < end; t += 4) {
        const to = below + (<usize>c << 2) + load<u32>(t);
        store<f32>(to, load<f32>(to) + share);
      }
      deltas += 4;
    }
    starts += 4;
  }
}
