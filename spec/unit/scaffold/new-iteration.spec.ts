import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { iterations } from '../../../src/iterations/index.ts';
import { newIteration } from '../../../src/scaffold/new-iteration.ts';

const lastId = iterations.at(-1)!.id;
const sources = {
  lastId,
  iteration: readFileSync(`src/iterations/${lastId}.ts`, 'utf8'),
  spec: readFileSync(`spec/networks/${lastId}.spec.ts`, 'utf8'),
  index: readFileSync('src/iterations/index.ts', 'utf8'),
};

describe('a new iteration', () => {
  const made = newIteration('wider-net', 10, sources);

  test('is the last one under its own number and name, with what it tries left to say', () => {
    expect(made.id).toBe('10-wider-net');
    expect(made.iteration).toContain('export const widerNet = defineIteration({');
    expect(made.iteration).toContain("id: '10-wider-net',\n  name: 'Wider net',");
    expect(made.iteration).not.toContain(lastId);
    const network = (text: string) => text.slice(text.indexOf('  network: {'));
    expect(network(made.iteration)).toBe(network(sources.iteration));
  });

  test('promises in its spec what the last one promises', () => {
    expect(made.spec).toContain("import { widerNet } from '../../src/iterations/10-wider-net.ts';");
    expect(made.spec).toContain('useNetwork(widerNet)');
    const promises = (text: string) => text.match(/expect\(evidence\(\)\).*/g);
    expect(promises(made.spec)).toEqual(promises(sources.spec));
  });

  test('stands behind the last one in the list, and nothing else of the list moves', () => {
    const added = made.index.split('\n').filter((line) => !sources.index.split('\n').includes(line));
    expect(added).toEqual(["import { widerNet } from './10-wider-net.ts';", '  widerNet,']);
    expect(made.index.split('\n')).toHaveLength(sources.index.split('\n').length + added.length);
  });

  test.each(['', 'Wider', 'wider_net', '../x', '-x', 'x-', '9'])('is not called %j', (name) => {
    expect(() => newIteration(name, 10, sources)).toThrow(`"${name}" cannot be an iteration's name`);
  });

  test('is refused where the list is laid out in another way', () => {
    expect(() => newIteration('wider', 10, { ...sources, index: '' })).toThrow(
      'src/iterations/index.ts is not laid out as expected',
    );
  });
});
