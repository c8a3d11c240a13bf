import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

/** What docs/architecture.md says that each room reads, in its order. */
const said = [
  ...readFileSync('docs/architecture.md', 'utf8').matchAll(/^\| `([\w-]+)` *\|.*\|([^|]*)\|$/gm),
].map(([, room, reads]) => ({
  room: room!,
  reads: [...reads!.matchAll(/`([\w.-]+)`/g)].map(([, name]) => name!),
}));

/** What the files of each room import from other rooms. */
const found = new Map<string, Set<string>>();
for (const file of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
  const [room, ...inside] = file.split(path.sep);
  if (inside.length === 0 || !/\.[tj]s$/.test(file)) continue;
  const reads = found.get(room!) ?? new Set();
  found.set(room!, reads);
  const text = readFileSync(path.join('src', file), 'utf8');
  for (const [, target] of text.matchAll(/\b(?:from |import\()'(\.[^']+)'/g)) {
    const [other, ...rest] = path.join(path.dirname(file), target!).split(path.sep);
    const isGround = rest.length === 0 && other !== 'reporter.ts';
    if (other !== room && !isGround) reads.add(other!);
  }
}

describe('docs/architecture.md', () => {
  test('has every room of src, once', () => {
    expect(said.map(({ room }) => room).toSorted()).toEqual([...found.keys()].toSorted());
  });

  test.each(said)('says what $room reads', ({ room, reads }) => {
    expect(reads.toSorted()).toEqual([...(found.get(room) ?? [])].toSorted());
  });

  test('lets every room read those above it alone, but for the ops and the kernels that compute them', () => {
    const order = said.map(({ room }) => room);
    const upward = said.flatMap(({ room, reads }) =>
      reads
        .filter((other) => order.indexOf(other) > order.indexOf(room))
        .map((other) => `${room} reads ${other}`),
    );
    expect(upward).toEqual(['ops reads engine']);
  });
});
