/**
 * What training moved, `before` less `after`, from float32 to float64: its largest entry, its length, its steps on the
 * lattice. n is a multiple of four; additions go one by one, in order, as a plain loop has them.
 */

// @ts-ignore: decorator
@inline
function movedLow(before: usize, after: usize): v128 {
  return f64x2.sub(
    f64x2.promote_low_f32x4(v128.load64_zero(before)),
    f64x2.promote_low_f32x4(v128.load64_zero(after)),
  );
}

/** The largest |before − after|, or `largest`; NaN where one is. */
export function largestMove(before: usize, after: usize, n: i32, largest: f64): f64 {
  let most = f64x2.splat(largest), other = most;
  for (const end = before + (<usize>n << 2); before < end; before += 16) {
    most = f64x2.max(most, f64x2.abs(movedLow(before, after)));
    other = f64x2.max(other, f64x2.abs(movedLow(before + 8, after + 8)));
    after += 16;
  }
  most = f64x2.max(most, other);
  return max<f64>(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
}

/** sum + Σ ((before − after) / largest)², each square added by itself. */
export function ratioSquares(before: usize, after: usize, n: i32, largest: f64, sum: f64): f64 {
  const divisor = f64x2.splat(largest);
  for (const end = before + (<usize>n << 2); before < end; before += 16) {
    const low = f64x2.div(movedLow(before, after), divisor);
    const high = f64x2.div(movedLow(before + 8, after + 8), divisor);
    const lows = f64x2.mul(low, low), highs = f64x2.mul(high, high);
    sum += f64x2.extract_lane(lows, 0);
    sum += f64x2.extract_lane(lows, 1);
    sum += f64x2.extract_lane(highs, 0);
    sum += f64x2.extract_lane(highs, 1);
    after += 16;
  }
  return sum;
}

/** The largest number below a half, which plus a half is 1. */
const BELOW_HALF: f64 = 0.49999999999999994;

/**
 * to = (before − after) / largest · factor · scale to the nearest whole number, half goes up: i32[n].
 *
 * @param largest 0: neither divided nor multiplied by `factor`
 * @returns 1 where some number is beyond int32, not finite, or just below a half: then `to` means nothing
 */
export function roundMoves(
  before: usize, after: usize, n: i32, largest: f64, factor: f64, scale: f64, to: usize,
): i32 {
  const by = f64x2.splat(largest), times = f64x2.splat(factor), steps = f64x2.splat(scale);
  const end = before + (<usize>n << 2);
  let good = i64x2.splat(-1);
  for (; before < end; before += 16) {
    let low = movedLow(before, after), high = movedLow(before + 8, after + 8);
    if (largest != 0) {
      low = f64x2.mul(f64x2.div(low, by), times);
      high = f64x2.mul(f64x2.div(high, by), times);
    }
    low = f64x2.mul(steps, low);
    high = f64x2.mul(steps, high);
    good = v128.and(good, v128.and(isPlain(low), isPlain(high)));
    v128.store(to, i64x2.shuffle(wholeOf(low), wholeOf(high), 0, 2));
    after += 16; to += 16;
  }
  return i64x2.all_true(good) ? 0 : 1;
}

// @ts-ignore: decorator
@inline
function isPlain(x: v128): v128 {
  const within = f64x2.lt(f64x2.abs(x), f64x2.splat(2147483647));
  return v128.and(within, f64x2.ne(x, f64x2.splat(BELOW_HALF)));
}

/** ⌊x + 1/2⌋ of both, as i32 in the lower half. */
// @ts-ignore: decorator
@inline
function wholeOf(x: v128): v128 {
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(f64x2.add(x, f64x2.splat(0.5))));
}
