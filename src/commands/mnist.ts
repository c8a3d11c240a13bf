import { Command } from '@commander-js/extra-typings';
import { nonEmpty } from '../cli/arguments.ts';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { loadMnist } from '../data/mnist.ts';

export const mnist = new Command('mnist')
  .description(
    'Verifies MNIST in MNIST_DIR if that is set, else in the cache, and downloads what the cache lacks.',
  )
  .option('--dir <folder>', 'verify MNIST in that folder; download nothing', nonEmpty('--dir', 'a folder'))
  .action(
    ending(async ({ dir }) => {
      const { name, source, sha256 } = await loadMnist({
        env: dir === undefined ? process.env : { MNIST_DIR: dir },
        onFile: (file) => print(`${file.path}: ${file.bytes} bytes, SHA-256 ${file.sha256} as expected`),
      });
      print(`${name} is complete in ${source} (data hash ${sha256})`);
    }),
  );
