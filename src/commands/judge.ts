import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { selectBackend } from '../backend/select.ts';
import { oneOf } from '../cli/arguments.ts';
import { ending } from '../cli/run.ts';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { writeTogether } from '../files/write-whole.ts';
import { publish, publishError } from '../github/publish.ts';
import { isImages, loadJudgeData } from '../judge/data.ts';
import { judge as judgeCommit } from '../judge/judge.ts';
import { measure } from '../judge/measure.ts';
import { replayWith } from '../judge/replay.ts';
import { replayModes } from '../judge/select.ts';
import { MARKDOWN_FILE, REPORTS_FOLDER, SUMMARY_FILE } from '../report/files.ts';
import { toMarkdown } from '../report/markdown.ts';
import { summarySchema } from '../report/summary.ts';
import type { Summary } from '../report/summary.ts';
import { toTerminal } from '../report/terminal.ts';
import { inertLines } from '../report/text.ts';

export const judge = new Command('judge')
  .description(
    'The verdict on a commit, from its lock and records alone: measures every record again and executes nothing of the commit.',
  )
  .requiredOption('--base <commit>', 'the commit to compare with')
  .option('--head <commit>', 'what is judged', 'HEAD')
  .option('--exact', 'compare with the base itself, not with where the head left it: on a push', false)
  .option('--repository <folder>', 'a clone that has both commits', '.')
  .option('--directory <folder>', "of the project, from the repository's root", '.')
  .option('--runs <folder>', 'of the records, from the project', 'runs')
  .option('--data <name>', 'what it measures on: mnist, or a module that exports data', 'mnist')
  .option(
    '--replay <mode>',
    `which runs it trains again: ${replayModes.join(', ')}`,
    oneOf('--replay', replayModes),
    'drawn' as const,
  )
  .option('--reported <file>', 'summary.json of the test run of that commit, to compare with')
  .option('--reports <folder>', 'where its own summary goes', REPORTS_FOLDER)
  .action(ending(judgeAndPublish));

/** A summary larger than that is not ours. */
const MAX_REPORT_BYTES = 32 * 1024 * 1024;

export type JudgeValues = ReturnType<(typeof judge)['opts']>;

/** Judges a commit outside of any test run, with paths from the working directory; publishes its verdict as the reporter does. Throws GateError for a mistake. */
export async function judgeAndPublish(values: JudgeValues): Promise<ExitCode> {
  try {
    const summary = await run(values);
    const folder = resolve(values.reports);
    writeTogether([
      [join(folder, SUMMARY_FILE), `${JSON.stringify(summary, null, 2)}\n`],
      [join(folder, MARKDOWN_FILE), toMarkdown(summary)],
    ]);
    console.log(inertLines(toTerminal(summary)));
    await publish(summary, { root: resolve('.'), folder: values.reports });
    return summary.verdict.exitCode;
  } catch (error) {
    const exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
    await publishError(messageOf(error), exitCode);
    throw error;
  }
}

async function run(values: JudgeValues): Promise<Summary> {
  const data = await loadJudgeData(values.data);
  const backend = await selectBackend({ force: 'wasm' });
  const replay = isImages(data)
    ? replayWith({ data, backend })
    : async () => ({ outcome: 'impossible' as const, reason: 'a loop of its own trained it' });
  const { reported, ...request } = values;
  return judgeCommit(
    {
      ...request,
      repository: resolve(values.repository),
      prefix: prefixOf(values.directory),
      ...(reported === undefined ? {} : { reported: await readReport(reported) }),
    },
    {
      data,
      measure: (record, weights) => measure(record, weights, { data, backend }),
      replay,
      onRecord: ({ file, note, findings }) =>
        console.log(inertLines(`${file}: ${[note, ...findings.map(({ cause }) => cause)].join('; ')}`)),
    },
  );
}

/** "." is the root, "packages/a" is "packages/a/". Throws GateError for a folder outside. */
function prefixOf(directory: string): string {
  const parts = directory.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || /^(?:[/\\]|[A-Za-z]:)/.test(directory)) {
    throw new GateError(
      `--directory ${directory}: expected a folder inside the repository, such as packages/model.`,
    );
  }
  return parts.map((part) => `${part}/`).join('');
}

async function readReport(file: string): Promise<Summary | { readonly unreadable: string }> {
  if (!existsSync(file)) {
    return { unreadable: `the test run left no report (${file}): look at the jobs before this one` };
  }
  if ((await stat(file)).size > MAX_REPORT_BYTES)
    return { unreadable: `the report of the test run is too large: ${file}` };
  try {
    const parsed = summarySchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return {
      unreadable: `the report of the test run is not a summary of this version: ${issue!.path.join('.')}: ${issue!.message}`,
    };
  } catch (error) {
    return { unreadable: `the report of the test run cannot be read: ${messageOf(error)}` };
  }
}
