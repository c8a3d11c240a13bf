import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { print } from '../cli/terminal.ts';
import { GateError } from '../errors.ts';
import { iterations } from '../iterations/index.ts';
import { newIteration } from '../scaffold/new-iteration.ts';
import { writeNew } from '../scaffold/write-new.ts';

const INDEX = 'src/iterations/index.ts';

// "new" is no name for a constant.
export const newCommand = new Command('new')
  .description(
    'Copies the last iteration and its spec under the next number and a new name, and adds it to the list. In a clone of this repository; a project of its own begins with "codecodecode init".',
  )
  .argument('<name>', 'in small letters with hyphens, such as wider-net')
  .action(ending(copyLast));

async function copyLast(name: string): Promise<void> {
  if (!existsSync(INDEX)) {
    throw new GateError(
      `There is no ${INDEX} here: "new" copies an iteration in a clone of codecodecode. For a project of your own: "codecodecode init".`,
    );
  }
  const lastId = iterations.at(-1)!.id;
  const number = 1 + Math.max(...iterations.map(({ id }) => Number.parseInt(id, 10)));
  const made = newIteration(name, number, {
    lastId,
    iteration: await readFile(`src/iterations/${lastId}.ts`, 'utf8'),
    spec: await readFile(`spec/networks/${lastId}.spec.ts`, 'utf8'),
    index: await readFile(INDEX, 'utf8'),
  });
  const source = `src/iterations/${made.id}.ts`;
  const spec = `spec/networks/${made.id}.spec.ts`;
  await writeNew(
    '.',
    new Map([
      [source, made.iteration],
      [spec, made.spec],
    ]),
  );
  await writeFile(INDEX, made.index);
  print(`${made.id} is there, and still the same network as ${lastId}. Now:

1. Change what you want to try in ${source}: layers or recipe.
2. Write what it promises in ${spec}.
3. npm run train -- ${number} --validate    until you like it: the test images stay unseen
4. npm run bless                      trains it on all of MNIST, locks its targets, judges all
5. Commit what "git status" shows.`);
}
