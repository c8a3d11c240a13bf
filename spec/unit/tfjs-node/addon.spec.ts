import { expect, test } from 'vitest';
import { checkVersion, explainLoadFailure } from '../../../scripts/support/tfjs-node/addon.ts';

test.each(['2.9.1', '2.13.1', '2.20.0'])('TensorFlow %s is accepted', (version) => {
  expect(() => checkVersion(version, 'somewhere')).not.toThrow();
});

test.each([
  ['1.15.5', /in somewhere does not fit tfjs-node 4\.22: expected version 2\.x, found 1\.15\.5/],
  ['3.0.0', /expected version 2\.x, found 3\.0\.0/],
  ['', /expected version 2\.x, found none/],
  ['undefined', /found undefined/],
])('TensorFlow "%s" is refused with what was expected and found', (version, message) => {
  expect(() => checkVersion(version, 'somewhere')).toThrow(message);
});

test.each([
  [
    'Error: /a/tfjs_binding.node: undefined symbol: TFE_OpGetAttrs',
    null,
    /^it lacks TFE_OpGetAttrs, which tfjs-node/,
  ],
  [
    "Error: /lib/libc.so.6: version `GLIBC_2.38' not found (required by libtensorflow_cc.so.2)",
    null,
    /^it needs GLIBC_2\.38, newer than this system/,
  ],
  [
    'Error: libtensorflow_framework.so.2: cannot open shared object file: No such file or directory',
    null,
    /^libtensorflow_framework\.so\.2 is not found/,
  ],
  ['', 'SIGILL', /lacks an instruction .* AVX/],
  ['', 'SIGSEGV', /the process ended with SIGSEGV/],
  ['node:internal\n\nError: something else.\n  at', null, /^Error: something else\. Versions known to work/],
])('the loader\'s "%s" (signal %s) is told as a cause', (stderr, signal, message) => {
  expect(explainLoadFailure(stderr, signal)).toMatch(message);
});
