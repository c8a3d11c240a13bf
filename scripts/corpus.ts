import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from '@commander-js/extra-typings';
import { echo } from 'zx';
import { ending, runCommand } from '../src/cli/run.ts';
import { ExitCode, GateError } from '../src/errors.ts';
import { useOracle } from '../spec/corpus/agreement.ts';
import { corpusOf } from '../spec/corpus/corpus.ts';
import { type Row, rowOf } from './support/corpus/rows.ts';
import { corpusPage, PAGE } from './support/corpus/page.ts';
import { rowsTable, sharesTable } from './support/corpus/tables.ts';

const corpus = new Command('corpus')
  .description(
    'Says what becomes of networks that others published: whether plain data can say them, their parameters and receptive fields beside the published ones, and whether the native engine trains them.',
  )
  .option('--file <file>', 'networks in the form of spec/corpus/networks.json, which is read else')
  .option('--only <ids>', 'those whose ids begin so, such as mnist-01')
  .option('--train', 'also compare three steps with plain operations of the cpu backend', false)
  .option('--docs', `write ${PAGE}`, false)
  .option('--check', `say whether ${PAGE} is in step; exit code 1 where it is not`, false)
  .action(ending(main));

await runCommand(corpus, process.argv.slice(2));

interface Options {
  readonly file?: string;
  readonly only?: string;
  readonly train: boolean;
  readonly docs: boolean;
  readonly check: boolean;
}

async function main({ file, only = '', train, docs, check }: Options): Promise<void> {
  await useOracle();
  if ((docs || check) && (file !== undefined || only !== '')) {
    throw new GateError(
      '--docs and --check are about the whole of spec/corpus/networks.json: leave out --file and --only.',
    );
  }
  const entries = corpusOf(file).filter(({ id }) => id.startsWith(only));
  if (entries.length === 0) throw new GateError(`No network has an id that begins with "${only}".`);
  const rows: Row[] = [];
  for (const entry of entries) {
    rows.push(await rowOf(entry, train));
    if (train)
      console.error(`${entry.id}: ${rows.at(-1)!.worst?.toExponential(1) ?? 'not trained natively'}`);
  }
  if (docs || check) return keepPage(corpusPage(rows), check);
  echo(`${rowsTable(rows)}\n\n${sharesTable(rows)}`);
  const apart = rows.filter(({ agrees }) => agrees === false);
  if (apart.length > 0) {
    const ids = apart.map(({ entry }) => entry.id).join(', ');
    throw new GateError(`${ids}: not what plain operations of the cpu backend give.`, ExitCode.targetFailed);
  }
}

function keepPage(text: string, onlyChecks: boolean): void {
  if (!onlyChecks) {
    writeFileSync(PAGE, text);
    echo(`${PAGE} written.`);
  } else if (readFileSync(PAGE, 'utf8') === text) echo(`${PAGE} is in step with the corpus.`);
  else
    throw new GateError(
      `${PAGE} is out of step with the corpus. Run "npm run corpus -- --docs".`,
      ExitCode.targetFailed,
    );
}
