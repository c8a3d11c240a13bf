import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Backend, selectBackend } from '../../src/backend/select.ts';
import { makeDataset } from '../../src/data/check-dataset.ts';
import { slice } from '../../src/data/dataset.ts';
import { MNIST_SHA256 } from '../../src/data/mnist.ts';
import { GateError } from '../../src/errors.ts';
import { known } from '../../src/fact.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import type { RunRecord } from '../../src/record.ts';
import { obtainEvidence } from '../../src/study/evidence.ts';
import type { EvidenceOptions } from '../../src/training/evidence.ts';
import { buildModel } from '../../src/model/build.ts';
import { fingerprintOf } from '../../src/training/fingerprint.ts';
import { type Run, run } from '../../src/training/run.ts';
import { sealed, weightsFile, writeRun } from '../../src/training/store.ts';
import { sha256OfBytes } from '../../src/training/weights-file.ts';
import { demandNoTensorsLeft } from '../support/tensors.ts';
import { RECIPE, SHORT_DIGITS, TINY } from '../support/tiny-iteration.ts';

/** 240 digits, and 200 to measure. */
const DATA = SHORT_DIGITS;
const ITERATION: Iteration = {
  ...TINY,
  recipe: {
    ...RECIPE,
    epochs: 2,
    schedule: { type: 'constant', learningRate: 0.05 },
    weightAveraging: { decay: 0.9 },
  },
};
const WIDER: Iteration = {
  ...ITERATION,
  network: {
    ...ITERATION.network,
    layers: ITERATION.network.layers.map((layer, i) => (i === 0 ? { ...layer, filters: 7 } : layer)),
  },
};
const FILE = '9-tiny.seed-1.json';
const REPAIR = 'Restore runs/ with git, or train anew: `npm run train -- 9 --seed 1`.';
const silent = { onStep: () => undefined, onEpoch: () => undefined };

let backend: Backend;
let trained: Run;
/** What its record must say to pass for one of MNIST, as it must where no data is at hand. */
let ofMnist: Pick<RunRecord, 'data' | 'fingerprint'>;
demandNoTensorsLeft();

let folder = '';
let emptyCache = '';
beforeAll(async () => {
  backend = await selectBackend({ force: 'wasm' });
  trained = await run({ iteration: ITERATION, data: DATA, backend, seed: 1 });
  const { data, engine } = trained.record;
  const model = buildModel(ITERATION.network, { name: ITERATION.id });
  ofMnist = {
    data: { ...data, sha256: MNIST_SHA256 },
    fingerprint: fingerprintOf({ model, recipe: ITERATION.recipe, dataSha256: MNIST_SHA256, engine }),
  };
  model.dispose();
  emptyCache = mkdtempSync(path.join(tmpdir(), 'no-mnist-'));
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'evidence-'));
  for (const name of ['RETRAIN', 'GATE_TRAIN', 'MNIST_DIR']) vi.stubEnv(name, '');
  vi.stubEnv('MNIST_CACHE', emptyCache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => rmSync(emptyCache, { recursive: true, force: true }));

const obtain = (options: EvidenceOptions = { data: DATA }, iteration = ITERATION) =>
  obtainEvidence(iteration, { backend, folder, progress: silent, ...options });
const withoutData = (iteration = ITERATION) => obtain({}, iteration);

describe('evidence with data at hand', () => {
  it('is trained where there is no record, and the run is written', async () => {
    const evidence = await obtain();
    expect(evidence).toMatchObject({
      id: '9-tiny',
      name: 'Tiny',
      provenance: 'trained',
      note: 'trained just now: it has no record yet',
    });
    expect(evidence.runs.map(figuresOf)).toEqual([figuresOf(trained.record)]);
    expect(readdirSync(folder).toSorted()).toEqual([trained.record.weights.file, FILE].toSorted());
  });

  it('is measured again where a record fits, and nothing is trained', async () => {
    store();
    const evidence = await obtain();
    const { testCorrect } = trained.record.epochs.at(-1)!;
    expect(evidence).toMatchObject({
      provenance: 're-evaluated',
      runs: [trained.record],
      note: `seed 1: ${testCorrect} of 200 test images correct, measured again (wasm)`,
    });
    expect(JSON.parse(readFileSync(path.join(folder, FILE), 'utf8'))).toEqual(trained.record);
  });

  it('is of every seed that has a fitting record', async () => {
    store();
    const other = await run({ iteration: ITERATION, data: DATA, backend, seed: 2 });
    writeRun(folder, other.record, other.weights);
    const evidence = await obtain();
    expect(evidence.runs.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(evidence.note).toMatch(/^seed 1: .*; seed 2: /);
  });

  it('is trained anew where the network has changed, and says what changed', async () => {
    store();
    const evidence = await obtain({ data: DATA }, WIDER);
    expect(evidence.provenance).toBe('trained');
    expect(evidence.note).toMatch(
      /^trained just now: its record no longer fits: 1,914 -> [\d,]+ parameters$/,
    );
    expect((await obtain({ data: DATA }, WIDER)).provenance).toBe('re-evaluated');
  });

  it('is trained anew when asked for, by option or by RETRAIN, to the same figures', async () => {
    store();
    const evidence = await obtain({ data: DATA, retrain: true });
    expect(evidence).toMatchObject({ provenance: 'trained', note: 'trained just now: asked for' });
    expect(evidence.runs.map(figuresOf)).toEqual([figuresOf(trained.record)]);
    vi.stubEnv('RETRAIN', '1');
    expect((await obtain()).provenance).toBe('trained');
    // No option of a spec talks it out of it (E5).
    expect((await obtain({ data: DATA, retrain: false })).provenance).toBe('trained');
  });

  it('is refused where it would have to be trained, but GATE_TRAIN=never', async () => {
    vi.stubEnv('GATE_TRAIN', 'never');
    await expectRefusal(
      obtain(),
      '9-tiny: it has no record yet; and GATE_TRAIN=never forbids to train it here. Run `npm run bless` and commit runs/ with the change.',
    );
    store();
    expect((await obtain()).provenance).toBe('re-evaluated');
  });

  it('tells of each epoch while it trains', async () => {
    const epochs: number[] = [];
    await obtain({
      data: DATA,
      progress: { onStep: () => undefined, onEpoch: ({ epoch }) => epochs.push(epoch) },
    });
    expect(epochs).toEqual([1, 2]);
  });
});

describe('evidence without data', () => {
  it('is the record, and says that it was not measured again', async () => {
    store(ofMnist);
    const { seal: _, ...record } = trained.record;
    expect(await withoutData()).toEqual({
      id: '9-tiny',
      name: 'Tiny',
      backend: { name: 'wasm', reason: 'forced by GATE_BACKEND=wasm' },
      runs: [sealed({ ...record, ...ofMnist })],
      provenance: 'recorded',
      note: 'recorded, not re-measured: no MNIST at hand (set MNIST_DIR or run `npm run mnist`)',
    });
  });

  it('is refused where there is no record', async () => {
    await expectRefusal(
      withoutData(),
      '9-tiny: it has no record yet; and there is no MNIST at hand to train it: set MNIST_DIR or run `npm run mnist`.',
    );
  });

  it('is refused where the network has changed since the record', async () => {
    store(ofMnist);
    await expectRefusal(
      withoutData(WIDER),
      /^9-tiny: its record no longer fits: 1,914 -> [\d,]+ parameters; and there is no MNIST/,
    );
  });

  it('is refused where the recipe has changed since the record', async () => {
    store(ofMnist);
    const longer = { ...ITERATION, recipe: { ...ITERATION.recipe, epochs: 20 } };
    await expectRefusal(
      withoutData(longer),
      '9-tiny: its record no longer fits: epochs 2 -> 20; and there is no MNIST',
    );
  });

  it('is refused where the record claims fewer parameters than its network has', async () => {
    store({ ...ofMnist, model: { ...trained.record.model, parameters: known(900) } });
    await expectRefusal(
      withoutData(),
      `The record of 9-tiny, seed 1, says other parameters, multiply-adds or receptive field; measured just now: 1,914 parameters and a receptive field of 28. ${REPAIR}`,
    );
  });
});

describe('a record that was forged, seal and all,', () => {
  const lastEpoch = (change: Partial<RunRecord['epochs'][0]>) => {
    const { epochs } = trained.record;
    return { epochs: [...epochs.slice(0, -1), { ...epochs.at(-1)!, ...change }] };
  };

  it.each([1, -1])('is found out by its count of correct images (%i)', async (more) => {
    const { testCorrect } = trained.record.epochs.at(-1)!;
    store(lastEpoch({ testCorrect: testCorrect + more }));
    await expectRefusal(
      obtain(),
      `The record of 9-tiny, seed 1, says ${testCorrect + more} correct test images; measured just now: ${testCorrect}. ${REPAIR}`,
    );
  });

  it('is found out by its confusion matrix', async () => {
    const confusion = trained.record.confusion.map((row) => [...row]);
    confusion[3]![3]!--;
    confusion[3]![5]!++;
    store({ confusion });
    await expectRefusal(
      obtain(),
      `The record of 9-tiny, seed 1, says its confusion matrix; measured just now: another one. ${REPAIR}`,
    );
  });

  it('is found out by its loss', async () => {
    const { testLoss } = trained.record.epochs.at(-1)!;
    store(lastEpoch({ testLoss: testLoss * 0.999 }));
    await expectRefusal(
      obtain(),
      `says a test loss of ${testLoss * 0.999}; measured just now: ${testLoss}. ${REPAIR}`,
    );
  });

  it('is found out by its parameters and its receptive field', async () => {
    store({ model: { ...trained.record.model, receptiveField: known({ height: 32, width: 32 }) } });
    await expectRefusal(obtain(), 'measured just now: 1,914 parameters and a receptive field of 28.');
  });

  it('is found out in an earlier epoch when it is trained again, and stays as it was', async () => {
    const [first, ...rest] = trained.record.epochs;
    store({ epochs: [{ ...first!, testCorrect: first!.testCorrect + 3 }, ...rest] });
    const before = readFileSync(path.join(folder, FILE), 'utf8');
    expect((await obtain()).provenance).toBe('re-evaluated');
    await expectRefusal(obtain({ data: DATA, retrain: true }), `"testCorrect":${first!.testCorrect + 3}`);
    expect(readFileSync(path.join(folder, FILE), 'utf8')).toBe(before);
  });

  it('is found out by weights that give other figures, even under their own hash', async () => {
    const weights = trained.weights.map((byte, i) => (i % 4 === 3 ? byte ^ 0x80 : byte));
    store({ weights: weightsOf(weights) }, weights);
    await expectRefusal(obtain(), 'correct test images; measured just now: ');
  });

  it('is found out by weights of another length, even under their own hash', async () => {
    const weights = trained.weights.subarray(4);
    store({ weights: weightsOf(weights) }, weights);
    await expectRefusal(
      obtain(),
      `expected ${trained.weights.length} bytes of weights for this network, found ${weights.length}.`,
    );
  });
});

describe('a record that would drop out in silence', () => {
  it('is named where other seeds fit: its fingerprint was altered, or its network has changed (E2)', async () => {
    store();
    store({ seed: 2, fingerprint: '0'.repeat(64), weights: renamed(2) });
    await expectRefusal(
      obtain(),
      '9-tiny: the record of seed 2 does not fit any more (its record no longer fits: a layer',
    );
  });

  it('is named where it lies under another name: a second file of a seed, another backend, another id (E2, E4)', async () => {
    store();
    const record = path.join(folder, FILE);
    writeFileSync(path.join(folder, 'put-aside.json'), readFileSync(record));
    await expectRefusal(
      obtain(),
      'put-aside.json: it says that it is 9-tiny, seed 1 on wasm: expected the name',
    );
    rmSync(path.join(folder, 'put-aside.json'));
    writeFileSync(path.join(folder, '9-tiny.seed-1.cpu.json'), readFileSync(record));
    await expectRefusal(obtain(), '9-tiny.seed-1.cpu.json: it says that it is 9-tiny, seed 1 on wasm');
    rmSync(path.join(folder, '9-tiny.seed-1.cpu.json'));
    expect((await obtain()).provenance).toBe('re-evaluated');
  });

  it('is refused as a link, and so are its weights (E4)', async () => {
    store();
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'elsewhere-'));
    for (const name of [FILE, trained.record.weights.file]) {
      const file = path.join(folder, name);
      writeFileSync(path.join(elsewhere, name), readFileSync(file));
      rmSync(file);
      symlinkSync(path.join(elsewhere, name), file);
      await expectRefusal(obtain(), `${file}: expected a file, found a link or a folder.`);
      rmSync(file);
      writeFileSync(file, readFileSync(path.join(elsewhere, name)));
    }
    rmSync(elsewhere, { recursive: true });
  });
});

describe('data that claim a hash which they do not have (E6)', () => {
  it('are refused: the hash is computed, not believed', async () => {
    store();
    const easy = { ...DATA, test: slice(DATA.test, 0, 100) };
    await expectRefusal(obtain({ data: easy }), 'cannot be used: expected its SHA-256');
  });

  it('are refused where test images are training images', async () => {
    const copied = makeDataset({ ...DATA, test: slice(DATA.train, 0, 200) });
    const { runs } = await obtain({ data: copied });
    expect(runs[0]!.data.repeated).toBe(200);
  });
});

describe('a record that was changed without its seal', () => {
  it('is refused with and without data', async () => {
    writeRun(folder, { ...trained.record, confusion: [[200]] }, trained.weights);
    await expectRefusal(obtain(), 'its seal does not fit its figures');
    await expectRefusal(withoutData(), 'its seal does not fit its figures');
  });

  it('is refused where a bit of its weights is another', async () => {
    store();
    const file = path.join(folder, trained.record.weights.file);
    const bytes = readFileSync(file);
    bytes[100]! ^= 1;
    writeFileSync(file, bytes);
    await expectRefusal(obtain(), 'these are not the weights of the record');
  });
});

/** What a record says of weights under their own hash. */
function weightsOf(weights: Uint8Array): RunRecord['weights'] {
  const sha256 = sha256OfBytes(weights);
  return { file: weightsFile(FILE, sha256), bytes: trained.weights.length, sha256 };
}

/** Writes the trained record, with changes and a seal that fits them. */
function store(changes: Partial<RunRecord> = {}, weights: Uint8Array = trained.weights): void {
  const { seal: _, ...record } = trained.record;
  writeRun(folder, sealed({ ...record, ...changes }), weights);
}

function renamed(seed: number): RunRecord['weights'] {
  const { weights } = trained.record;
  return { ...weights, file: weightsFile(FILE.replace('seed-1', `seed-${seed}`), weights.sha256) };
}

/** What must come out again to the bit: everything but times. */
function figuresOf({ epochs, confusion, weights, fingerprint }: RunRecord) {
  return { epochs: epochs.map((epoch) => ({ ...epoch, seconds: 0 })), confusion, weights, fingerprint };
}

async function expectRefusal(evidence: Promise<unknown>, message: string | RegExp): Promise<void> {
  await expect(evidence).rejects.toThrow(message);
  await expect(evidence).rejects.toBeInstanceOf(GateError);
}
