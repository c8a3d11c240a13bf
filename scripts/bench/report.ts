import type { Bench, KernelFigures, StepFigures } from './schema.ts';
import { textTable } from './text-table.ts';

/** All tables of a benchmark as Markdown that reads in a terminal as well. Pure. */
export function toText(bench: Bench): string {
  return [
    machineLine(bench),
    '### Convolution kernels',
    'GFLOP/s of the median round and the share of the peak (per cent) that it reached; a batch of 64. Operations are those of ' +
      'the convolution as it is written down, of which Winograd does fewer: it may pass 100 %. An asterisk marks what the engine uses.',
    kernelTable(bench.kernels),
    '### Training step',
    'Milliseconds of the median step, and how many times faster the own engine is in the same rounds.',
    stepTable(bench.steps),
    notesList(bench.notes),
    '### Where the own step spends its time (one thread)',
    ...bench.profiles.map(profileText),
    '### An epoch, in a process of its own',
    epochTable(bench),
    memoryText(bench),
    '### Growth of the own step (one thread)',
    growthText(bench),
    ...(bench.retrainSeconds === undefined
      ? []
      : [`All iterations trained anew and judged: ${fixed(bench.retrainSeconds)} s.`]),
  ].join('\n\n');
}

function machineLine({ machine, date, quick, peakGflops, bestPeakGflops }: Bench): string {
  const { cpu, cores, platform, node, loadAverage } = machine;
  const kind = quick ? ' **Quick run: too short to compare by.**' : '';
  return (
    `${cpu}, ${cores} cores, ${platform}, Node ${node}, ${date.slice(0, 10)}; load ${fixed(loadAverage)} before the start.${kind}\n` +
    `Peak of 128-bit multiply-add on one core: ${fixed(peakGflops)} GFLOP/s (best ${fixed(bestPeakGflops)}).`
  );
}

/** A row a shape, a column a kernel. */
function kernelTable(kernels: readonly KernelFigures[]): string {
  const names = [...new Set(kernels.map(({ name }) => name))];
  const shapes = [...new Set(kernels.map(({ shape }) => shape))];
  const rows = shapes.map((shape) => [
    shape,
    ...names.map((name) => {
      const kernel = kernels.find((other) => other.shape === shape && other.name === name);
      if (!kernel) return '';
      return `${fixed(kernel.gflops)} (${percent(kernel.shareOfPeak)})${kernel.used ? '\\*' : ''}`;
    }),
  ]);
  return textTable(['shape', ...names], rows);
}

const OTHERS = [
  ['stock', 'stock WASM, best'],
  ['naive', 'stock WASM, naive'],
  ['cpu', 'tfjs cpu'],
  ['tfjsNode', 'tfjs-node'],
  ['pytorch', 'PyTorch'],
] as const;

function stepTable(steps: readonly StepFigures[]): string {
  return textTable(
    ['iteration', 'threads', 'own ms', 'GFLOP/s', 'of peak', ...OTHERS.map(([, name]) => name)],
    steps.map(({ iteration, threads, milliseconds, gflops, shareOfPeak, timesFaster }) => [
      iteration,
      `${threads}`,
      milliseconds.own.toFixed(2),
      fixed(gflops),
      `${percent(shareOfPeak)} %`,
      ...OTHERS.map(([kind]) => {
        const time = milliseconds[kind];
        const times = timesFaster[kind];
        return time === undefined || times === undefined ? '' : `${fixed(time)} (${fixed(times)} x)`;
      }),
    ]),
  );
}

function notesList(notes: Bench['notes']): string {
  return Object.entries(notes)
    .map(([name, note]) => `- ${name}: ${note}`)
    .join('\n');
}

function profileText({ iteration, milliseconds, shares, kernels }: Bench['profiles'][number]): string {
  const main = kernels.filter(({ share }) => share >= 0.005);
  const table = textTable(
    ['kernel', 'calls', 'ms', 'share', 'GFLOP/s', 'GB/s'],
    main.map((kernel) => [
      kernel.name,
      `${kernel.calls}`,
      kernel.milliseconds.toFixed(3),
      `${percent(kernel.share)} %`,
      kernel.gflops === undefined ? '' : fixed(kernel.gflops),
      kernel.gigabytesPerSecond === undefined ? '' : fixed(kernel.gigabytesPerSecond),
    ]),
  );
  return (
    `${iteration}, ${milliseconds.toFixed(2)} ms with a clock around every kernel: ${percent(shares.kernels)} % inside kernels, ` +
    `${percent(shares.rest)} % JavaScript and the clock.\n\n${table}`
  );
}

function epochTable({ epochs }: Bench): string {
  return textTable(
    ['iteration', 'threads', 'images', 'training s', 'test images', 'evaluation s', 'peak MB'],
    epochs.map((row) => [
      row.iteration,
      `${row.threads}`,
      `${row.images}`,
      row.trainingSeconds.toFixed(2),
      `${row.evaluationImages}`,
      row.evaluationSeconds.toFixed(3),
      row.peakMegabytes.toFixed(0),
    ]),
  );
}

function memoryText({ memory, secondsPerEpoch, data }: Bench): string {
  const series = (pick: (row: Bench['memory']['epochs'][number]) => number) =>
    memory.epochs.map((row) => fixed(pick(row))).join(', ');
  return (
    `Images: ${data}. Iteration 5 on one thread needs ${secondsPerEpoch.toFixed(2)} s for an epoch of 60,000 images. ` +
    `Memory after each of ${memory.epochs.length} epochs of ${memory.iteration}: ` +
    `${series((row) => row.residentMegabytes)} MB resident, ${series((row) => row.heapMegabytes)} MB of JavaScript.`
  );
}

function growthText({ growth }: Bench): string {
  const { batch, channels, images, exponents } = growth;
  const power = (exponent: number) => `time grows as its power ${exponent.toFixed(2)}`;
  return [
    `Batch (${power(exponents.batch)}):`,
    textTable(
      ['batch', 'ms', 'microseconds an image'],
      batch.map((row) => [`${row.batch}`, row.milliseconds.toFixed(2), fixed(row.microsecondsPerImage)]),
    ),
    `Channels of every layer but the last (${power(exponents.channels)}; the arithmetic as its square):`,
    textTable(
      ['channels', 'ms', 'GFLOP/s'],
      channels.map((row) => [`${row.channels}`, row.milliseconds.toFixed(2), fixed(row.gflops)]),
    ),
    `Training images of an epoch (${power(exponents.images)}):`,
    textTable(
      ['images', 's'],
      images.map((row) => [`${row.images}`, row.seconds.toFixed(3)]),
    ),
  ].join('\n\n');
}

function fixed(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toFixed(1);
}

function percent(share: number): string {
  return (100 * share).toFixed(0);
}
