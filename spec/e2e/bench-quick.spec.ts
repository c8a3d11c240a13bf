import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, benchSchema } from '../../scripts/bench/schema.ts';

/** Half a minute where nothing else runs; what else the machine does may make it many times longer. */
const TIMEOUT_MS = 600_000;

let folder: string;
let bench: Bench;
let output: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const out = join(folder, 'bench.json');
  const args = ['--quick', '--out', out, '--python', join(folder, 'no-python')];
  const command = ['--import', 'tsx', 'scripts/bench.ts', ...args];
  output = (await promisify(execFile)(process.execPath, command)).stdout;
  bench = benchSchema.parse(JSON.parse(await readFile(out, 'utf8')));
}, TIMEOUT_MS);
afterAll(() => rm(folder, { recursive: true }));

describe('npm run bench -- --quick', () => {
  it('measures the own step on one and two threads beside stock, naive and cpu', () => {
    expect(bench.steps.map(({ threads }) => threads)).toEqual([1, 2]);
    expect(bench.steps[0]!.milliseconds).toMatchObject({
      own: expect.any(Number),
      stock: expect.any(Number),
      naive: expect.any(Number),
      cpu: expect.any(Number),
    });
  });

  it('measures kernels at 8 and at 20 channels, forward and backward', () => {
    for (const channels of [8, 20]) {
      const square = new RegExp(`x${channels} > \\d+x\\d+x${channels}$`);
      const names = bench.kernels
        .filter(({ shape, used }) => used && square.test(shape))
        .map(({ name }) => name);
      expect(names).toContain('forward (Winograd 2x2)');
      expect(names).toContain('both gradients (Winograd 2x2)');
    }
  });

  it('finds the whole step inside kernels and the rest', () => {
    const { kernels, rest } = bench.profiles[0]!.shares;
    expect(kernels).toBeGreaterThan(0.5);
    expect(kernels + rest).toBeGreaterThanOrEqual(1);
  });

  it('goes on without PyTorch and says so', () => {
    expect(bench.steps[0]!.milliseconds.pytorch).toBeUndefined();
    expect(bench.notes['pytorch']).toMatch(/^not measured: .*no-python does not start$/);
  });

  it('marks itself as quick, in the figures and in the tables', () => {
    expect(bench.quick).toBe(true);
    expect(output).toContain('Quick run: too short to compare by');
  });
});
