import { expect, test } from 'vitest';
import { checkWheelName } from '../../../scripts/support/tfjs-node/wheel.ts';
import { GateError } from '../../../src/errors.ts';

test.each([
  ['tensorflow_cpu-2.13.1-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', 'x64'],
  ['wheels/tensorflow-2.20.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', 'x64'],
  ['tensorflow_cpu-2.15.0.post1-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', 'x64'],
  ['tensorflow-2.15.1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl', 'arm64'],
])('%s fits Linux on %s', (file, arch) => {
  expect(() => checkWheelName(file, arch)).not.toThrow();
});

test.each([
  ['tensorflow_cpu-2.9.1-cp310-cp310-manylinux_2_17_x86_64.whl', 'x64', /2\.12 or newer.*found 2\.9/],
  ['tensorflow_cpu-2.11.1-cp310-cp310-manylinux_2_17_x86_64.whl', 'x64', /2\.12 or newer.*found 2\.11/],
  ['tensorflow-1.15.5-cp37-cp37m-manylinux2010_x86_64.whl', 'x64', /of major version 2, found 1\.15/],
  ['tensorflow-3.0.0-cp312-cp312-manylinux_2_17_x86_64.whl', 'x64', /of major version 2, found 3\.0/],
  ['tensorflow_cpu-2.13.1-cp310-cp310-macosx_10_15_x86_64.whl', 'x64', /Linux on x86_64, found macosx/],
  ['tensorflow_cpu-2.13.1-cp310-cp310-win_amd64.whl', 'x64', /Linux on x86_64, found win_amd64/],
  ['tensorflow_cpu-2.13.1-cp310-cp310-manylinux_2_17_x86_64.whl', 'arm64', /Linux on aarch64, found/],
  ['torch-2.13.1-cp310-cp310-manylinux_2_17_x86_64.whl', 'x64', /is not a TensorFlow wheel/],
  ['tensorflow.zip', 'x64', /is not a TensorFlow wheel/],
])('%s does not fit %s and the message says why', (file, arch, message) => {
  expect(() => checkWheelName(file, arch)).toThrow(GateError);
  expect(() => checkWheelName(file, arch)).toThrow(message);
});
