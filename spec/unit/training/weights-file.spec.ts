import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../../src/backend/select.ts';
import { GateError } from '../../../src/errors.ts';
import { buildModel } from '../../../src/model/build.ts';
import { initialWeights } from '../../../src/model/initialize.ts';
import {
  setWeights,
  setWeightsFromBytes,
  sha256OfBytes,
  weightsToBytes,
} from '../../../src/training/weights-file.ts';
import { NETWORK } from '../../support/tiny-iteration.ts';
import { demandNoTensorsLeft } from '../../support/tensors.ts';

beforeAll(() => selectBackend({ force: 'wasm' }));
demandNoTensorsLeft();

describe('the weights of a model as bytes', () => {
  it('are its floats, little-endian, in the order of getWeights', () => {
    const model = numbered();
    const bytes = weightsToBytes(model);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const count = bytes.length / 4;
    expect(count).toBe(model.getWeights().reduce((sum, { size }) => sum + size, 0));
    const found = Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
    expect(found).toEqual(Array.from({ length: count }, (_, i) => i + 0.5));
    model.dispose();
  });

  it('make the same model again, from any place in memory', () => {
    const model = numbered();
    const bytes = weightsToBytes(model);
    const other = buildModel(NETWORK);
    // readFileSync gives a small file as a view into a pool, which may begin anywhere.
    for (const pool of [Uint8Array.from([9, ...bytes]), Buffer.from([9, ...bytes])]) {
      setWeights(other, initialWeights(other, 1));
      setWeightsFromBytes(other, pool.subarray(1), 'weights.bin');
      expect(weightsToBytes(other)).toEqual(bytes);
    }
    model.dispose();
    other.dispose();
  });

  it.each([4, -4, 1])('are refused where there are %i too many', (more) => {
    const model = buildModel(NETWORK);
    const expected = weightsToBytes(model).length;
    const bytes = new Uint8Array(expected + more);
    const set = () => setWeightsFromBytes(model, bytes, 'runs/9-tiny.weights.bin');
    expect(set).toThrow(GateError);
    expect(set).toThrow(
      `runs/9-tiny.weights.bin: expected ${expected} bytes of weights for this network, found ${expected + more}. The network has changed or the file is damaged: train it anew.`,
    );
    model.dispose();
  });

  it('have the SHA-256 that sha256sum gives', () => {
    // printf 'abc' | sha256sum
    expect(sha256OfBytes(Buffer.from('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});

/** A model whose weights are 0.5, 1.5, 2.5, ... */
function numbered() {
  const model = buildModel(NETWORK);
  let next = 0;
  const values = model
    .getWeights()
    .map(({ size }) => Float32Array.from({ length: size }, () => next++ + 0.5));
  setWeights(model, values);
  return model;
}
