import { issue } from '../../src/evidence.ts';
import { known, unknown } from '../../src/fact.ts';
import { RECORD_SCHEMA } from '../../src/record.ts';
import type { Epoch, Evidence, LayerRow, Provenance, RunRecord } from '../../src/record.ts';

/** Hand-made records for specs of everything right of the record: no data, no training. */

export const TEST_IMAGES = 10_000;
export const TRAIN_IMAGES = 60_000;

/** One epoch from its accuracies in per cent; losses fall with the epoch. */
export function epoch(number: number, test: number, train = 99): Epoch {
  return {
    epoch: number,
    learningRate: 0.01,
    trainCorrect: Math.round((train / 100) * TRAIN_IMAGES),
    trainTotal: TRAIN_IMAGES,
    trainLoss: 1 / number,
    testCorrect: Math.round((test / 100) * TEST_IMAGES),
    testTotal: TEST_IMAGES,
    testLoss: 1 / number,
    seconds: 1,
  };
}

export interface Figures {
  readonly id?: string;
  readonly name?: string;
  readonly seed?: number;
  readonly parameters?: number;
  readonly receptiveField?: number;
  /** Test accuracy of each epoch, per cent. */
  readonly test?: readonly number[];
  /** Train accuracy of each epoch, per cent. */
  readonly train?: readonly number[];
  readonly confusion?: number[][];
  readonly backend?: string;
  readonly data?: string;
}

export function record(figures: Figures = {}): RunRecord {
  const test = figures.test ?? [98, 99, 99.5];
  const epochs = test.map((accuracy, i) => epoch(i + 1, accuracy, figures.train?.[i]));
  const { testCorrect } = epochs.at(-1)!;
  const receptiveField = figures.receptiveField ?? 28;
  return {
    schema: RECORD_SCHEMA,
    id: figures.id ?? '5-lr-scheduler',
    name: figures.name ?? 'LR scheduler',
    seed: figures.seed ?? 1,
    fingerprint: 'f'.repeat(64),
    engine: { name: 'wasm', version: '1' },
    backend: { name: figures.backend ?? 'wasm', version: '4.22.0', reason: 'tfjs-node is not installed' },
    versions: { node: '20.19.0', tfjs: '4.22.0', project: '0.1.0' },
    data: {
      name: 'made up',
      sha256: (figures.data ?? 'd').repeat(64),
      train: TRAIN_IMAGES,
      test: TEST_IMAGES,
      classes: 10,
      repeated: 0,
    },
    network: { form: 'layers', input: [28, 28, 1], layers: [{ type: 'globalAveragePool' }] },
    output: 'logits',
    model: {
      parameters: known(figures.parameters ?? 7826),
      allParameters: known((figures.parameters ?? 7826) + 142),
      multiplyAdds: known(1_000_000),
      receptiveField: known({ height: receptiveField, width: receptiveField }),
      receptiveFieldBeforeHead: known({ height: 22, width: 22 }),
      receptiveFieldTable: known([row(receptiveField)]),
      layers: [
        {
          layer: 'convolution',
          output: [26, 26, 4],
          parameters: 36,
          allParameters: 36,
          multiplyAdds: known(24_336),
        },
      ],
    },
    recipe: { epochs: epochs.length },
    epochs,
    confusion: figures.confusion ?? confusionOf(testCorrect),
    deadChannels: unknown('the record is made up'),
    seconds: epochs.length,
    threads: 1,
    weights: { file: 'made-up.bin', bytes: 4, sha256: 'e'.repeat(64) },
    seal: 'a'.repeat(64),
  };
}

/** An evidence of one run a set of figures (one a seed). */
export function evidence(
  figures: Figures | readonly Figures[] = {},
  provenance: Provenance = 're-evaluated',
): Evidence {
  const runs = [figures].flat().map((each, i) => record({ seed: i + 1, ...each }));
  return issue({
    id: runs[0]!.id,
    name: runs[0]!.name,
    runs,
    provenance,
    note: `${TEST_IMAGES} images measured`,
  });
}

/** Ten classes of 1,000 images; all mistakes are 6 read as 0. */
function confusionOf(correct: number): number[][] {
  const perClass = TEST_IMAGES / 10;
  const confusion = Array.from({ length: 10 }, (_, i) =>
    Array.from({ length: 10 }, (_, j) => (i === j ? perClass : 0)),
  );
  confusion[6]![6] = perClass - (TEST_IMAGES - correct);
  confusion[6]![0] = TEST_IMAGES - correct;
  return confusion;
}

function row(receptiveFieldOut: number): LayerRow {
  return {
    layer: 1,
    operation: 'Conv2d',
    inputSize: 28,
    kernel: 3,
    padding: 0,
    stride: 1,
    outputSize: 26,
    jumpIn: 1,
    jumpOut: 1,
    receptiveFieldIn: 1,
    receptiveFieldOut,
  };
}
