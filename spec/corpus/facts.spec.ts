import { describe, expect, it } from 'vitest';
import { graphOf } from '../../src/model/graph.ts';
import { fieldsOf } from '../../src/model/steps.ts';
import { corpusOf } from './corpus.ts';
import { networkOfTokens } from './tokens.ts';

describe.each(corpusOf())('$id as plain data', (entry) => {
  const graph = graphOf(networkOfTokens(entry));

  it('has as many trainable parameters as its author counted', () => {
    const sizes = graph.nodes.flatMap(({ weights }) =>
      weights
        .filter(({ trainable }) => trainable)
        .map(({ shape }) => shape.reduce((all, size) => all * size, 1)),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(entry.parameters);
  });

  it('has the receptive fields that were worked out for it, before the head and with it', () => {
    expect(fieldsOf(graph)).toMatchObject({
      known: true,
      value: { field: entry.field, beforeHead: entry.fieldBeforeHead },
    });
  });
});
