import { parseArgs } from 'node:util';
import { echo } from 'zx';
import { loadMnist } from '../src/data/mnist.ts';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';

const USAGE = `npm run mnist               verify MNIST in MNIST_DIR if that is set, else in the cache; download what the cache lacks
npm run mnist -- --dir DIR  verify MNIST in the folder DIR; download nothing`;

try {
  await main();
} catch (error) {
  if (!(error instanceof GateError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}

async function main(): Promise<void> {
  const { dir, help } = argumentsOf(process.argv.slice(2));
  if (help) return echo(USAGE);
  const { name, source, sha256 } = await loadMnist({
    env: dir === undefined ? process.env : { MNIST_DIR: dir },
    onFile: ({ path, bytes, sha256 }) => echo(`${path}: ${bytes} bytes, SHA-256 ${sha256} as expected`),
  });
  echo(`${name} is complete in ${source} (data hash ${sha256})`);
  process.exitCode = ExitCode.ok;
}

function argumentsOf(args: string[]): { readonly dir?: string; readonly help?: boolean } {
  try {
    const { values } = parseArgs({ args, options: { dir: { type: 'string' }, help: { type: 'boolean' } } });
    if (values.dir === '') throw new GateError('--dir is empty: expected a folder');
    return values;
  } catch (error) {
    throw new GateError(`${messageOf(error)}\nUsage:\n${USAGE}`);
  }
}
