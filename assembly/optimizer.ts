/**
 * The update of all trainable weights, which lie in one flat array, by their gradients: `src/recipe/optimizer.ts` has the
 * formulas. Every thread has a share of the weights of its own; sums over all of them are taken over PARTS fixed parts and
 * added in order. Thus the number of threads changes no bit.
 */
const PARTS = 8;
/** Floats of a vector: shares are whole vectors. */
const VECTOR = 4;

const SGD = 0;
const ADAM_W = 2;

/** `src/engine/native/update.ts` writes it: what holds for a run, then what changes with every step. */
@unmanaged
class Update {
  /** f32 [count] each; `count` is a multiple of VECTOR. `decays`: weight decay of every weight. */
  weights: usize;
  gradients: usize;
  first: usize;
  /** Of Adam alone. */
  second: usize;
  decays: usize;
  averages: usize;
  /** f32 [movingCount] each: moving statistics and their averages. */
  moving: usize;
  movingAverages: usize;
  /** f64 [PARTS]: sums of the squares of the gradients. */
  squares: usize;
  count: i32;
  movingCount: i32;
  /** 0: SGD; 1: Adam; 2: AdamW. */
  rule: i32;
  nesterov: i32;
  /** Momentum, or beta1. */
  beta1: f32;
  beta2: f32;
  /** 1 - beta1 and 1 - beta2, as they round. */
  rest1: f32;
  rest2: f32;
  epsilon: f32;
  /** Infinity: no limit. */
  clipNorm: f32;
  clipValue: f32;
  /** From here on: of the step. */
  rate: f32;
  correction1: f32;
  correction2: f32;
  /** 0: no averaging. */
  averaging: f32;
}

/** Sums the squares of the gradients, where the length of all of them has a limit: before `updateWeights`. */
export function sumSquares(d: usize, thread: i32, threads: i32): void {
  const c = changetype<Update>(d);
  if (c.clipNorm == f32.MAX_VALUE) return;
  for (let part = thread; part < PARTS; part += threads) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    const end = c.gradients + shareOf(c.count, part + 1, PARTS);
    for (let at = c.gradients + shareOf(c.count, part, PARTS); at < end; at += 16) {
      const g = v128.load(at);
      const a = f64x2.promote_low_f32x4(g);
      const b = f64x2.promote_low_f32x4(i32x4.shuffle(g, g, 2, 3, 2, 3));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const sum = f64x2.add(low, high);
    store<f64>(c.squares + (<usize>part << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  }
}

/** Changes this thread's share of the weights, and of the averages. */
export function updateWeights(d: usize, thread: i32, threads: i32): void {
  const c = changetype<Update>(d);
  const from = shareOf(c.count, thread, threads);
  const to = shareOf(c.count, thread + 1, threads);
  clip(c, from, to);
  if (c.rule == SGD) descend(c, from, to);
  else adapt(c, from, to);
  if (c.averaging == 0) return;
  average(c.averages, c.weights, c.averaging, from, to);
  const last = shareOf(c.movingCount, thread + 1, threads);
  average(c.movingAverages, c.moving, c.averaging, shareOf(c.movingCount, thread, threads), last);
}

/** Byte at which part `part` of `parts` of `count` floats begins. */
function shareOf(count: i32, part: i32, parts: i32): usize {
  return <usize>(<i64>(count / VECTOR) * part / parts) * 16;
}

function clip(c: Update, from: usize, to: usize): void {
  if (c.clipValue != f32.MAX_VALUE) {
    const high = f32x4.splat(c.clipValue);
    const low = f32x4.neg(high);
    for (let at = c.gradients + from, end = c.gradients + to; at < end; at += 16) {
      v128.store(at, f32x4.max(low, f32x4.min(high, v128.load(at))));
    }
  }
  if (c.clipNorm == f32.MAX_VALUE) return;
  let sum: f64 = 0;
  for (let part = 0; part < PARTS; part++) sum += load<f64>(c.squares + (<usize>part << 3));
  const length = Math.sqrt(sum);
  if (length <= <f64>c.clipNorm) return;
  const scale = f32x4.splat(<f32>(<f64>c.clipNorm / length));
  for (let at = c.gradients + from, end = c.gradients + to; at < end; at += 16) {
    v128.store(at, f32x4.mul(scale, v128.load(at)));
  }
}

function descend(c: Update, from: usize, to: usize): void {
  const rate = f32x4.splat(c.rate);
  const momentum = f32x4.splat(c.beta1);
  const nesterov = c.nesterov != 0;
  for (let i = from; i < to; i += 16) {
    const w = v128.load(c.weights + i);
    const g = f32x4.add(v128.load(c.gradients + i), f32x4.mul(v128.load(c.decays + i), w));
    const v = f32x4.add(f32x4.mul(momentum, v128.load(c.first + i)), g);
    v128.store(c.first + i, v);
    const direction = nesterov ? f32x4.add(g, f32x4.mul(momentum, v)) : v;
    v128.store(c.weights + i, f32x4.sub(w, f32x4.mul(rate, direction)));
  }
}

function adapt(c: Update, from: usize, to: usize): void {
  const one = f32x4.splat(1);
  const rate = f32x4.splat(c.rate);
  const beta1 = f32x4.splat(c.beta1);
  const beta2 = f32x4.splat(c.beta2);
  const rest1 = f32x4.splat(c.rest1);
  const rest2 = f32x4.splat(c.rest2);
  const correction1 = f32x4.splat(c.correction1);
  const correction2 = f32x4.splat(c.correction2);
  const epsilon = f32x4.splat(c.epsilon);
  const isDecoupled = c.rule == ADAM_W;
  for (let i = from; i < to; i += 16) {
    let w = v128.load(c.weights + i);
    let g = v128.load(c.gradients + i);
    const decay = v128.load(c.decays + i);
    if (isDecoupled) w = f32x4.mul(w, f32x4.sub(one, f32x4.mul(rate, decay)));
    else g = f32x4.add(g, f32x4.mul(decay, w));
    const m = f32x4.add(f32x4.mul(beta1, v128.load(c.first + i)), f32x4.mul(rest1, g));
    const s = f32x4.add(f32x4.mul(beta2, v128.load(c.second + i)), f32x4.mul(rest2, f32x4.mul(g, g)));
    v128.store(c.first + i, m);
    v128.store(c.second + i, s);
    const root = f32x4.add(f32x4.sqrt(f32x4.div(s, correction2)), epsilon);
    v128.store(c.weights + i, f32x4.sub(w, f32x4.mul(rate, f32x4.div(f32x4.div(m, correction1), root))));
  }
}

/** average = decay average + (1 - decay) value. */
function average(averages: usize, values: usize, decay: f32, from: usize, to: usize): void {
  const d = f32x4.splat(decay);
  const e = f32x4.splat(1 - decay);
  for (let i = from; i < to; i += 16) {
    const next = f32x4.add(f32x4.mul(d, v128.load(averages + i)), f32x4.mul(e, v128.load(values + i)));
    v128.store(averages + i, next);
  }
}

/** to[i] += from[i], `bytes` (a multiple of 16) of floats. */
export function addFloats(to: usize, from: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
  }
}

/** to[i] = from[i], `bytes` bytes. */
export function copy(to: usize, from: usize, bytes: usize): void {
  memory.copy(to, from, bytes);
}

/** Sets `bytes` bytes to 0. */
export function clear(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes);
}
