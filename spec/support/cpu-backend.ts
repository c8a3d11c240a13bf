import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { useFilterGradient } from './cpu-filter-gradient.ts';

/**
 * tfjs' cpu backend, the oracle that specs hold others against, without its advert for another one. To be imported for
 * its effect.
 */
tf.removeBackend('cpu');
tf.registerBackend('cpu', () => {
  const backend: tf.KernelBackend = new MathBackendCPU();
  return Object.assign(backend, { firstUse: false });
});

/**
 * What tfjs' own does, which is compiled to generators and takes half of the time of a gradient: the same element, or the
 * same refusal.
 */
tf.TensorBuffer.prototype.get = function get(this: tf.TensorBuffer<tf.Rank>, ...at: number[]) {
  let index = 0;
  for (let i = 0; i < at.length; i++) {
    const place = at[i]!;
    if (place < 0 || place >= this.shape[i]!) {
      throw new Error(`Requested out of range element at ${at}. Buffer shape=${this.shape}`);
    }
    index += i < at.length - 1 ? this.strides[i]! * place : place;
  }
  return this.values[index]!;
};

useFilterGradient();
