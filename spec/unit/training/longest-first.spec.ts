import { describe, expect, it } from 'vitest';
import { longestFirst } from '../../support/longest-first.ts';

describe('the order of the networks', () => {
  it('is the longest first, in the places that the networks had; other files keep theirs', () => {
    const seconds: Readonly<Record<string, number>> = { short: 60, long: 100, new: Number.MAX_VALUE };
    const files = ['first', 'short', 'long', 'middle', 'new', 'last'];
    expect(longestFirst(files, (file) => seconds[file])).toEqual([
      'first',
      'new',
      'long',
      'middle',
      'short',
      'last',
    ]);
  });

  it('stays as it is among equals', () => {
    expect(longestFirst(['b', 'a', 'c'], () => 1)).toEqual(['b', 'a', 'c']);
  });
});
