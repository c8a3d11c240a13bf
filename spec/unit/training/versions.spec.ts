import { expect, test } from 'vitest';
import { nodeProblem } from '../../../src/training/versions.ts';

test.each(['20.19.0', '20.20.2', '22.0.0', '26.1.0'])('Node %s is new enough', (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});

test.each(['20.18.3', '18.20.8', '8.0.0'])('Node %s is told from one that is new enough', (version) => {
  expect(nodeProblem(version)).toBe(
    `codecodecode needs Node 20.19 or newer, this is ${version}. Install a newer one: https://nodejs.org`,
  );
});
