import { afterEach, expect, it, vi } from 'vitest';
import { type BenchOptions, benchCommand } from '../../../scripts/bench/command.ts';

afterEach(() => vi.unstubAllEnvs());

/** What the command would measure by. */
async function optionsOf(...argv: readonly string[]): Promise<BenchOptions> {
  const work = vi.fn<(options: BenchOptions) => Promise<void>>(async () => undefined);
  const command = benchCommand(work)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  await command.parseAsync([...argv], { from: 'user' });
  return work.mock.calls[0]![0];
}

it('measures everything with python3 and writes reports/bench.json unless told otherwise', async () => {
  vi.stubEnv('BENCH_PYTHON', '');
  expect(await optionsOf()).toMatchObject({
    quick: false,
    python: 'python3',
    retrain: false,
    out: 'reports/bench.json',
  });
});

it('takes the Python that BENCH_PYTHON names, and --python before that', async () => {
  vi.stubEnv('BENCH_PYTHON', 'one');
  expect((await optionsOf()).python).toBe('one');
  expect((await optionsOf('--python', 'two')).python).toBe('two');
});

it('refuses to write a quick run into the docs', async () => {
  await expect(optionsOf('--quick', '--docs')).rejects.toThrow('leave out --quick or --docs');
});

it('refuses an option that it does not know, and says in its help what it knows', async () => {
  await expect(optionsOf('--fast')).rejects.toThrow('--fast');
  expect(benchCommand(async () => undefined).helpInformation()).toMatch(/^Usage: bench [^]*--quick/);
});
