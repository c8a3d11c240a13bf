import { beforeAll } from 'vitest';
import { GateError } from '../../src/errors.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import type { Evidence } from '../../src/record.ts';
import { obtainEvidence } from '../../src/study/evidence.ts';
import './matchers.ts';

/**
 * Measures an iteration once for all tests of a spec file: the record is re-evaluated if it still fits, else the
 * network is trained. Hands back a function, as the evidence is there only when the tests run.
 */
export function useNetwork(iteration: Iteration): () => Evidence {
  let evidence: Evidence | undefined;
  beforeAll(async () => {
    evidence = await obtainEvidence(iteration, {});
  });
  return () => {
    if (evidence) return evidence;
    throw new GateError(
      `The evidence of ${iteration.id} is there in tests only: call evidence() inside a test.`,
    );
  };
}
