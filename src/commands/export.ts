import path from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { selectBackend } from '../backend/select.ts';
import { nonEmpty, oneOf, wholeNumber } from '../cli/arguments.ts';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { ExitCode, GateError } from '../errors.ts';
import { modelToOnnx, modelToSafetensors } from '../exchange/of-model.ts';
import { tfjsFilesOf } from '../exchange/tfjs.ts';
import { type WholeFile, writeTogether } from '../files/write-whole.ts';
import { findIteration } from '../iterations/index.ts';
import { buildModel } from '../model/build.ts';
import { readRecords, readWeights, RUNS_FOLDER } from '../training/store.ts';
import { setWeightsFromBytes } from '../training/weights-file.ts';
import { ITERATION_HELP } from './options.ts';
import { commandLine } from '../command-line.ts';

const FORMATS = ['onnx', 'safetensors', 'tfjs'] as const;
type Format = (typeof FORMATS)[number];

export const exportCommand = new Command('export')
  .description(
    'Writes the network of a record with its weights for others: as ONNX, as safetensors in the names and layouts of PyTorch, or as a model that tf.loadLayersModel of stock tfjs loads. Ends with 3 where there is no record.',
  )
  .argument('<iteration>', ITERATION_HELP)
  .option('--to <format>', FORMATS.join(', '), oneOf('--to', FORMATS), 'onnx')
  .option('--seed <n>', 'of the record', wholeNumber('--seed', 1, Number.MAX_SAFE_INTEGER), 1)
  .option('--out <folder>', 'where it is written', nonEmpty('--out', 'a folder'), '.')
  .option('--folder <folder>', 'where the record is (default: runs)', nonEmpty('--folder', 'a folder'))
  .action(
    ending(async (wanted, { to, seed, out, folder = RUNS_FOLDER }) => {
      const { id, network } = findIteration(wanted);
      const record = readRecords(folder, id, 'wasm').find((each) => each.seed === seed);
      if (record === undefined) {
        throw new GateError(
          `${folder} has no record of ${id}, seed ${seed}: train it first (\`${commandLine(`train ${id.split('-', 1)[0]} --seed ${seed}`)}\`).`,
          ExitCode.missing,
        );
      }
      const weights = readWeights(folder, record);
      await selectBackend({ force: 'cpu' });
      const model = buildModel(network, { name: id });
      setWeightsFromBytes(model, weights, record.weights.file);
      const files = await filesOf(model, to as Format, path.join(out, id));
      writeTogether(files);
      model.dispose();
      for (const [file, content] of files) print(`Wrote ${file} (${Buffer.byteLength(content)} bytes)`);
    }),
  );

async function filesOf(
  model: Parameters<typeof modelToOnnx>[0],
  format: Format,
  base: string,
): Promise<readonly WholeFile[]> {
  if (format === 'onnx') return [[`${base}.onnx`, modelToOnnx(model)]];
  if (format === 'safetensors') return [[`${base}.safetensors`, modelToSafetensors(model)]];
  const files = await tfjsFilesOf(model);
  return Object.entries(files).map(([name, content]) => [path.join(base, name), content]);
}
