import { LANES } from './layout';

/**
 * Softmax cross-entropy of one block: loss = -sum of target * log softmax(logits), the target being
 * 1 - smoothing + smoothing / classes for the label and smoothing / classes for the rest.
 *
 * `logits` are [classes][8], labels and predictions u16 [8]. Where `gradient` is not 0, it gets the gradient of the batch's
 * mean loss by the logits (images from `live` on: 0). Adds the block's loss (f64) and its count of correct images (f64) to
 * tally[0], tally[1]; writes the predicted class of every image. Of equal logits the first is the prediction.
 */
export function crossEntropy(
  logits: usize,
  classes: i32,
  labels: usize,
  live: i32,
  smoothing: f64,
  perImage: f64,
  predictions: usize,
  gradient: usize,
  tally: usize,
): void {
  const end = <usize>classes * LANES;
  for (let image = 0; image < 8; image++) {
    const row = logits + (<usize>image << 2);
    const by = gradient + (<usize>image << 2);
    if (image >= live) {
      if (gradient) for (let at: usize = 0; at < end; at += LANES) store<f32>(by + at, 0);
      continue;
    }
    let best: usize = 0;
    for (let at: usize = LANES; at < end; at += LANES) if (load<f32>(row + at) > load<f32>(row + best)) best = at;
    store<u16>(predictions + (<usize>image << 1), <u16>(best / LANES));
    const label = <usize>load<u16>(labels + (<usize>image << 1)) * LANES;
    const top = <f64>load<f32>(row + best);
    let total: f64 = 0;
    let mean: f64 = 0;
    for (let at: usize = 0; at < end; at += LANES) {
      const logit = <f64>load<f32>(row + at) - top;
      total += Math.exp(logit);
      mean += logit;
    }
    mean /= <f64>classes;
    const own = <f64>load<f32>(row + label) - top;
    store<f64>(tally, load<f64>(tally) + Math.log(total) - (1 - smoothing) * own - smoothing * mean);
    if (best == label) store<f64>(tally, load<f64>(tally, 8) + 1, 8);
    if (!gradient) continue;
    for (let at: usize = 0; at < end; at += LANES) {
      const share = Math.exp(<f64>load<f32>(row + at) - top) / total;
      const target = smoothing / <f64>classes + (at == label ? 1 - smoothing : 0);
      store<f32>(by + at, <f32>((share - target) * perImage));
    }
  }
}
