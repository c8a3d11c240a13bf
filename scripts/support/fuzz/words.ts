import { CommanderError } from '@commander-js/extra-typings';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import * as fc from 'fast-check';
import { commands } from '../../../src/commands/index.ts';
import { GateError } from '../../../src/errors.ts';
import { findIteration } from '../../../src/iterations/index.ts';
import { parseSeeds } from '../../../src/study/seeds.ts';
import { kindOf } from './kind.ts';

/** What a person may type. */

const WORD = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '',
    ' ',
    '-',
    '--',
    '-1',
    '0',
    '1',
    '5',
    '1e3',
    '0x10',
    '99999999999',
    'NaN',
    '1-3',
    '--help',
    '--version',
    '--=',
    '../..',
    'wasm',
    '__proto__',
  ),
);

interface Parsed {
  readonly options: Readonly<Record<string, unknown>>;
}

/** One command with its action taken out: what is tried is what its options take. */
async function argumentsOf(name: string) {
  const command: CommandUnknownOpts = await commands[name]!.load();
  command
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .action(() => undefined);
  const flags = command.options.flatMap(({ long, short }) => [long, short].filter((flag) => flag != null));
  const words = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...flags, '--help') },
    { weight: 3, arbitrary: WORD },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...flags, '--x'), WORD).map(([flag, value]) => `${flag}=${value}`),
    },
  );
  return kindOf(
    `arguments of ${name}`,
    fc.array(words, { maxLength: 6 }),
    async (argv): Promise<Parsed> => {
      try {
        await command.parseAsync(argv, { from: 'user' });
        return { options: { ...command.opts() } };
      } catch (error) {
        // What `runCommands` prints as one line.
        if (error instanceof CommanderError) throw new GateError(error.message);
        throw error;
      }
    },
    ({ options }) =>
      Object.values(options).every((value) => typeof value !== 'number' || Number.isSafeInteger(value)),
  );
}

const seeds = kindOf(
  'lists of seeds',
  fc.oneof(
    WORD,
    fc
      .array(
        fc.oneof(
          fc.nat(30).map(String),
          fc.tuple(fc.nat(30), fc.nat(60)).map(([a, b]) => `${a}-${b}`),
          WORD,
        ),
        { maxLength: 5 },
      )
      .map((parts) => parts.join(',')),
  ),
  parseSeeds,
  (found, text) => isDeepEqual(found, expanded(text)),
);

const iterations = kindOf(
  'names of iterations',
  WORD,
  findIteration,
  ({ id }, word) => id === word || id.split('-', 1)[0] === word,
);

export async function wordKinds() {
  return [...(await Promise.all(Object.keys(commands).map(argumentsOf))), seeds, iterations];
}

/** By another way than the parser's: every number that one of the parts names. */
function expanded(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [from, to = from] = part.trim().split('-').map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i);
  });
}

function isDeepEqual(found: readonly number[], expected: number[]): boolean {
  const sorted = expected.toSorted((a, b) => a - b);
  return found.length === sorted.length && found.every((seed, i) => seed === sorted[i]);
}
