import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { weightsOfStateDict } from '../../src/exchange/state-dict.ts';
import { parseSafetensors } from '../../src/formats/safetensors.ts';
import { findIteration } from '../../src/iterations/index.ts';
import { buildModel } from '../../src/model/build.ts';
import { graphOf } from '../../src/model/graph.ts';
import { readOnnxFile } from '../../src/onnx/file.ts';
import { networkOfOnnx } from '../../src/onnx/network.ts';
import { weightsOf } from '../../src/onnx/ours.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { readRecords, readWeights, RUNS_FOLDER } from '../../src/training/store.ts';
import { setWeightsFromBytes } from '../../src/training/weights-file.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT = 60_000;
const folder = mkdtempSync(path.join(tmpdir(), 'export-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => selectBackend({ force: 'cpu' }));

describe('codecodecode export', { timeout: TIMEOUT }, () => {
  const { id, network } = findIteration(6);
  const graph = graphOf(network);

  it.each(['onnx', 'safetensors', 'tfjs'] as const)(
    'writes the weights of the record, to the bit, as %s',
    async (format) => {
      expect(await run('6', '--to', format, '--out', folder)).toMatchObject({ exitCode: 0 });
      const [record] = readRecords(RUNS_FOLDER, id, 'wasm');
      const recorded = readWeights(RUNS_FOLDER, record!);
      const model = buildModel(network);
      setWeightsFromBytes(model, recorded, id);
      const expected = [...weightsOf(model, graph)];
      const file = path.join(folder, `${id}.${format}`);
      if (format === 'tfjs') {
        expect(readFileSync(path.join(folder, id, 'weights.bin'))).toEqual(Buffer.from(recorded));
        expect(JSON.parse(readFileSync(path.join(folder, id, 'model.json'), 'utf8'))).toMatchObject({
          format: 'layers-model',
        });
      } else if (format === 'onnx') {
        const read = networkOfOnnx(readOnnx(readOnnxFile(file)));
        expect('reason' in read ? read.reason : [...read.weights]).toEqual(expected);
      } else {
        const tensors = parseSafetensors(readFileSync(file), file);
        expect([...weightsOfStateDict(graph, tensors, file)]).toEqual(expected);
      }
    },
  );

  it('ends with 3 and writes nothing where there is no record', async () => {
    const empty = path.join(folder, 'none');
    const { exitCode, errors } = await run('6', '--seed', '99', '--out', empty);
    expect(errors).toContain('has no record of 6-receptive-field, seed 99: train it first');
    expect(exitCode).toBe(3);
    expect(readdirSync(folder)).not.toContain('none');
  });

  it('ends with 4 for a format that there is not', async () => {
    expect(await run('6', '--to', 'onxx')).toMatchObject({
      exitCode: 4,
      errors: expect.stringContaining('onnx'),
    });
  });
});

function run(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly errors: string }> {
  const all = ['--import', 'tsx', 'src/bin/codecodecode.ts', 'export', ...args];
  return new Promise((done) => {
    const child = execFile(process.execPath, all, { cwd: ROOT }, (_error, _output, errors) =>
      done({ exitCode: child.exitCode ?? -1, errors }),
    );
  });
}
