import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { messageOf } from '../../src/errors.ts';
import { describeGradients } from './kernels.cases.ts';

/** Why tfjs-node is not here; empty where it is. */
const absence = await selectBackend({ force: 'node' }).then(() => '', messageOf);

if (absence) {
  describe('without tfjs-node', () => {
    it('says in one line why it is not used, and falls back to WASM for the same reason', async () => {
      expect(absence).toMatch(
        /^GATE_BACKEND=node asks for tfjs-node, but tfjs-node .+\. Install it, or unset GATE_BACKEND\.$/,
      );
      const backend = await selectBackend();
      expect(backend.name).toBe('wasm');
      expect(absence).toContain(backend.reason);
    });
  });
} else {
  describe('on tfjs-node', () => {
    beforeAll(() => selectBackend({ force: 'node' }));
    describeGradients('tensorflow');
  });
}
