import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { messageOf } from '../../src/errors.ts';

/** Why tfjs-node is not here; empty where it is. */
const absence: string = await selectBackend({ force: 'node' }).then(() => '', messageOf);

/** Tests on tfjs-node; where it does not load, one test that it is missed for a reason, instead of skipped ones. */
export function describeOnTensorFlow(title: string, tests: () => void): void {
  if (absence === '') {
    describe(title, () => {
      beforeAll(() => selectBackend({ force: 'node' }));
      tests();
    });
    return;
  }
  describe(`${title}, which is not at hand,`, () => {
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
