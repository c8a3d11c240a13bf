import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Copy, type Ended, withCopy } from '../../scripts/support/selftest/copy.ts';

/**
 * The whole way of somebody who clones the repository to try a network of their own: new, bless, read what is not met, mend it, bless,
 * test, break, read. The copy has everything that is tracked; MNIST must be at hand.
 */
const PROGRAM = 'src/bin/codecodecode.ts';
const SOURCE = 'src/iterations/10-wider-net.ts';
const SPEC = 'spec/networks/10-wider-net.spec.ts';
/** One epoch of MNIST, the measuring of all records, and Vitest around it. */
const TIMEOUT = 600_000;

let copy: Copy;
let finish: () => void = () => undefined;
let isOver: Promise<void>;
beforeAll(async () => {
  await new Promise<void>((ready) => {
    isOver = withCopy(async (made) => {
      copy = made;
      ready();
      await new Promise<void>((done) => (finish = done));
    });
  });
  await copy.commit();
}, TIMEOUT);
afterAll(async () => {
  finish();
  await isOver;
});

/** As a person types it: without CI. */
const codecodecode = (...args: readonly string[]): Promise<Ended> => copy.script(PROGRAM, args, { CI: '' });

test(
  "an iteration of one's own goes from its name to a green gate, and is red when it breaks",
  async () => {
    const named = await codecodecode('new', 'wider-net');
    expect(named.exitCode).toBe(0);
    expect(named.output).toContain(`Change what you want to try in ${SOURCE}`);
    await copy.edit(SOURCE, '...smallest.recipe,', '...smallest.recipe,\n    epochs: 2,');

    // Locked as promised, and what two epochs do not keep is said, with its exit code.
    const first = await codecodecode('bless');
    expect(first.output).toContain('10-wider-net: to train: seed 1, as it has no record yet');
    expect(first.output).toMatch(
      /10-wider-net, seed 1: new: 9\d\.\d\d % of the test images, 3,898 parameters/,
    );
    expect(first.output).toContain('target added: 10-wider-net: parameters < 4,000');
    expect(first.output).toMatch(
      /The gate is red \(exit code 1\): see above\. Mend the network, or the promise/,
    );
    expect(first.exitCode).toBe(1);

    await copy.edit(SPEC, /\n {2}test\('learns[^]*?\n {2}\}\);\n/, '');
    // Of one run nothing can be said about a share of all seeds.
    await copy.edit(SPEC, /\n {2}test\('wastes[^]*?\n {2}\}\);\n/, '');
    await copy.edit(SPEC, /\n {2}test\('holds[^]*?\n {2}\}\);\n/, '');
    await copy.edit(SPEC, 'toEndAtOrAbove(99.45,', 'toEndAtOrAbove(95,');
    await copy.edit(SPEC, 'toEndAtOrAbove(99.4,', 'toEndAtOrAbove(95,');
    const mended = await codecodecode('bless');
    expect(mended.output).toContain('10-wider-net: its records fit');
    expect(mended.output).toContain('No figure has changed.');
    expect(mended.output).toMatch(/target removed: 10-wider-net: held test accuracy/);
    expect(mended.output).toContain('The gate is green (exit code 0)');
    expect(mended.exitCode).toBe(0);

    const judged = await copy.vitest(['--project', 'networks', SPEC]);
    expect(judged.exitCode, judged.output).toBe(3); // In CI every target of the lock is owed: the other nine were not run.
    const units = await copy.vitest(
      ['--project', 'unit', 'spec/unit/model', 'spec/repository/readme-in-step.spec.ts'],
      {
        GATE_SCOPE: 'none',
      },
    );
    expect(units.exitCode, units.output).toBe(0);

    await copy.edit(SOURCE, '...separableBlock(26),', '...separableBlock(27),');
    const broken = await copy.vitest(['--project', 'networks'], { GATE_TRAIN: 'never' });
    expect(broken.output).toContain('10-wider-net: its record no longer fits: 3,898 ->');
    expect(broken.output).toContain('npm run bless');
    expect(broken.exitCode).toBe(3);
  },
  TIMEOUT,
);
