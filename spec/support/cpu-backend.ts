import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

/** tfjs' cpu backend, the oracle that specs hold others against, without its advert for another one. To be imported for its effect. */
tf.removeBackend('cpu');
tf.registerBackend('cpu', () => {
  const backend: tf.KernelBackend = new MathBackendCPU();
  return Object.assign(backend, { firstUse: false });
});
