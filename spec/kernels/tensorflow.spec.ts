import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { messageOf } from '../../src/errors.ts';

/** Why tfjs-node is not here; empty where it is. */
const absence: string = await selectBackend({ force: 'node' }).then(() => '', messageOf);

if (absence === '') {
  // Loaded here alone: they take seconds to load, and tfjs-node is missed on most machines.
  const { describeGradients } = await import('./kernels.cases.ts');
  const { describeRecords } = await import('./tensorflow-records.ts');
  const { describeTraining } = await import('./tensorflow-training.ts');
  describe('tfjs-node', () => {
    beforeAll(() => selectBackend({ force: 'node' }));
    describeGradients('tensorflow');
    describeRecords();
    describeTraining();
  });
} else {
  describe('tfjs-node, which is not at hand,', () => {
    it('is missed with one line that says why, and WASM takes its place for the same reason', async () => {
      expect(absence).toMatch(
        /^GATE_BACKEND=node asks for tfjs-node, but tfjs-node .+\. Install it, or unset GATE_BACKEND\.$/,
      );
      const backend = await selectBackend();
      expect(backend.name).toBe('wasm');
      expect(absence).toContain(backend.reason);
    });
  });
}
