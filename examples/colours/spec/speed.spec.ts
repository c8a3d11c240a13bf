import * as tf from '@tensorflow/tfjs-core';
import { type Dataset, fit, selectBackend } from 'codecodecode';
import { expect, test } from 'vitest';
import { buildNetwork, RECIPE, SEED } from '../network.ts';
import { drawPictures } from '../pictures.ts';

/** Pictures of the epoch that is timed; few, as `model.fit` takes its time. */
const PICTURES = 320;

const AT_LEAST = 10;

test('fit takes an epoch ten times as fast as model.fit of the same backend', async () => {
  const backend = await selectBackend({ force: 'wasm' });
  const data = drawPictures(PICTURES, 32);
  const native = buildNetwork();
  const options = { seed: SEED, fresh: true, id: '1-speed', backend };
  const { epochs } = await fit(native, data, { ...RECIPE, epochs: 3 }, options);
  const seconds = Math.min(...epochs.map((epoch) => epoch.seconds));

  const plain = buildNetwork();
  plain.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: 'categoricalCrossentropy' });
  const [x, y] = tensorsOf(data);
  await plain.fit(x, y, { epochs: 1, batchSize: RECIPE.batch, verbose: 0 });
  const start = performance.now();
  await plain.fit(x, y, { epochs: 1, batchSize: RECIPE.batch, verbose: 0 });
  const plainSeconds = (performance.now() - start) / 1_000;

  const ratio = plainSeconds / seconds;
  console.log(
    `an epoch of ${PICTURES} pictures: fit ${(1_000 * seconds).toFixed(0)} ms, model.fit ${(1_000 * plainSeconds).toFixed(0)} ms, ratio ${ratio.toFixed(1)}`,
  );
  expect(ratio).toBeGreaterThan(AT_LEAST);
}, 120_000);

function tensorsOf({ train, classes }: Dataset): [tf.Tensor, tf.Tensor] {
  const { count, height, width, channels = 1 } = train;
  const pixels = Float32Array.from(train.pixels, (byte) => byte / 255 - 0.5);
  const labels = tf.tensor1d(Int32Array.from(train.labels), 'int32');
  return [tf.tensor4d(pixels, [count, height, width, channels]), tf.oneHot(labels, classes)];
}
