import { LANES } from './layout';

/**
 * Global average pooling and softmax cross-entropy of one block: logits = mean over pixels of z; loss = -sum of
 * target * log softmax(logits), the target being 1 - smoothing + smoothing / classes for the label and
 * smoothing / classes for the rest.
 *
 * Writes logits [8][classes]; where `gradient` is not 0, the gradient of the batch's mean loss, by z, to it
 * (images from `live` on: 0); adds the block's loss (f64) and its count of correct images (f64) to tally[0], tally[1].
 * Of equal logits the first counts as the prediction.
 */
export function crossEntropy(
  z: usize,
  pixels: i32,
  classes: i32,
  labels: usize,
  live: i32,
  smoothing: f64,
  perImage: f64,
  logits: usize,
  gradient: usize,
  tally: usize,
): void {
  const step = <usize>classes * LANES;
  for (let image = 0; image < 8; image++) {
    const from = z + (<usize>image << 2);
    const row = logits + (<usize>(image * classes) << 2);
    let best = 0;
    for (let c = 0; c < classes; c++) {
      let sum: f32 = 0;
      for (let p = 0, at = from + <usize>c * LANES; p < pixels; p++, at += step) sum += load<f32>(at);
      const logit = sum / <f32>pixels;
      store<f32>(row + (<usize>c << 2), logit);
      if (logit > load<f32>(row + (<usize>best << 2))) best = c;
    }
    if (image >= live) continue;
    const label = <i32>load<u16>(labels + (<usize>image << 1));
    const top = <f64>load<f32>(row + (<usize>best << 2));
    let total: f64 = 0;
    let mean: f64 = 0;
    for (let c = 0; c < classes; c++) {
      const logit = <f64>load<f32>(row + (<usize>c << 2)) - top;
      total += Math.exp(logit);
      mean += logit;
    }
    mean /= <f64>classes;
    const own = <f64>load<f32>(row + (<usize>label << 2)) - top;
    const loss = Math.log(total) - (1 - smoothing) * own - smoothing * mean;
    store<f64>(tally, load<f64>(tally) + loss);
    if (best == label) store<f64>(tally, load<f64>(tally, 8) + 1, 8);
    if (!gradient) continue;
    for (let c = 0; c < classes; c++) {
      const share = Math.exp(<f64>load<f32>(row + (<usize>c << 2)) - top) / total;
      const target = smoothing / <f64>classes + (c == label ? 1 - smoothing : 0);
      const d = <f32>(((share - target) * perImage) / <f64>pixels);
      for (let p = 0, at = gradient + (<usize>image << 2) + <usize>c * LANES; p < pixels; p++, at += step) {
        store<f32>(at, d);
      }
    }
  }
  if (!gradient) return;
  for (let image = live; image < 8; image++) {
    for (let i = 0, at = gradient + (<usize>image << 2); i < pixels * classes; i++, at += LANES) store<f32>(at, 0);
  }
}
