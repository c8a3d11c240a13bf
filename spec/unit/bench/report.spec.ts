import { describe, expect, it } from 'vitest';
import { toText } from '../../../scripts/bench/report.ts';
import { betweenMarkers } from '../../../src/report/markers.ts';
import { type Bench, benchSchema } from '../../../scripts/bench/schema.ts';

const times = { own: 5, stock: 60, naive: 300, cpu: 2000 };

const BENCH: Bench = {
  schema: 1,
  quick: false,
  date: '2026-01-02T03:04:05.000Z',
  machine: {
    cpu: 'a processor',
    cores: 2,
    memoryMegabytes: 1000,
    platform: 'linux x64',
    node: '20.19.0',
    loadAverage: 0.1,
  },
  data: 'made-up digits',
  peakGflops: 50,
  bestPeakGflops: 52,
  kernels: [
    {
      name: 'forward (Winograd 2x2)',
      shape: '12x12x8 > 10x10x16',
      used: true,
      gflops: 61.25,
      bestGflops: 70,
      shareOfPeak: 1.225,
      bestShareOfPeak: 1.3,
      milliseconds: 0.5,
    },
    {
      name: 'forward (direct)',
      shape: '12x12x8 > 10x10x16',
      used: false,
      gflops: 40,
      bestGflops: 42,
      shareOfPeak: 0.8,
      bestShareOfPeak: 0.81,
      milliseconds: 0.7,
    },
  ],
  profiles: [],
  steps: [
    {
      iteration: '5-lr-scheduler',
      batch: 64,
      threads: 1,
      gflops: 44,
      shareOfPeak: 0.88,
      bestShareOfPeak: 0.9,
      milliseconds: times,
      minima: times,
      timesFaster: { stock: 12, naive: 60, cpu: 400 },
    },
  ],
  notes: { pytorch: 'not measured: python3 does not start' },
  secondsPerEpoch: 4.5,
  epochs: [
    {
      iteration: '5-lr-scheduler',
      threads: 1,
      images: 60_000,
      trainingSeconds: 4.5,
      evaluationImages: 10_000,
      evaluationSeconds: 0.4,
      peakMegabytes: 250,
    },
  ],
  memory: {
    iteration: '5-lr-scheduler',
    peakMegabytes: 250,
    epochs: [{ epoch: 1, residentMegabytes: 240, heapMegabytes: 26 }],
  },
  growth: {
    batch: [{ batch: 8, milliseconds: 1, microsecondsPerImage: 125 }],
    channels: [{ channels: 8, milliseconds: 4, gflops: 40 }],
    images: [{ images: 1000, seconds: 0.1 }],
    exponents: { batch: 1, channels: 1.7, images: 1 },
  },
};

describe('the text of a benchmark', () => {
  const text = toText(BENCH);

  it('shows each kernel with its share of the peak, and marks what the engine uses', () => {
    expect(text).toMatch(/\| 12x12x8 > 10x10x16 \| +61\.\d \(12[23]\)\\\* \| +40\.0 \(80\) \|/);
  });

  it('shows how many times faster the own step is, and leaves empty what was not measured', () => {
    expect(text).toMatch(/\| +60\.0 \(12\.0 x\) \|.*\| 2000 \(400\.0 x\) \| +\| +\|/);
    expect(text).toContain('- pytorch: not measured: python3 does not start');
  });

  it('speaks of retraining only where it was done', () => {
    expect(text).not.toContain('trained anew');
    expect(toText({ ...BENCH, retrainSeconds: 240 })).toContain('trained anew and judged: 240.0 s');
  });

  it('says of a quick run that it is none to compare by', () => {
    expect(text).not.toContain('Quick run');
    expect(toText({ ...BENCH, quick: true })).toContain('Quick run: too short to compare by');
  });

  it('replaces what stands between the markers of a document and nothing else', () => {
    const document = 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n';
    const withBench = (text: string) => betweenMarkers('docs/performance.md', text, toText(BENCH), 'bench');
    const renewed = withBench(document);
    expect(renewed).toMatch(/^before\n<!-- bench:begin -->\n[^]*<!-- bench:end -->\nafter\n$/);
    expect(renewed).not.toContain('old');
    expect(withBench(renewed)).toBe(renewed);
    expect(() => withBench('no markers')).toThrow('needs the lines');
  });
});

describe('the schema of reports/bench.json', () => {
  it('accepts a benchmark without tfjs-node, PyTorch and retraining', () => {
    expect(benchSchema.parse(BENCH)).toEqual(BENCH);
  });

  it.each([
    [
      'a step without the cpu backend',
      { steps: [{ ...BENCH.steps[0], milliseconds: { own: 5, stock: 60, naive: 300 } }] },
    ],
    ['a kernel that took no time', { kernels: [{ ...BENCH.kernels[0], milliseconds: 0 }] }],
    ['a figure that is not a number', { peakGflops: Number.NaN }],
    ['no kernels at all', { kernels: [] }],
  ])('refuses %s', (_, change) => {
    expect(benchSchema.safeParse({ ...BENCH, ...change }).success).toBe(false);
  });
});
