import { parseArgs } from 'node:util';
import { GateError, messageOf } from '../../../src/errors.ts';

/** Where the TensorFlow library comes from. */
export type Source =
  | { readonly type: 'wheel' | 'site-packages' | 'lib'; readonly path: string }
  | { readonly type: 'pip' }
  /** The Python on PATH is asked for its `tensorflow` package. */
  | { readonly type: 'installed' };

export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'remove' }
  | { readonly type: 'install'; readonly source: Source; readonly cache: string; readonly force: boolean };

const DEFAULT_CACHE = '.cache/tensorflow';

export const USAGE = `npm run tfjs-node                            build against the TensorFlow that the Python on PATH has installed
npm run tfjs-node -- --pip                   download TensorFlow's CPU wheel with pip first, once, into the cache
npm run tfjs-node -- --wheel FILE            take a TensorFlow wheel that is here already
npm run tfjs-node -- --site-packages DIR     take the tensorflow package out of a Python's site-packages
npm run tfjs-node -- --lib DIR               take an unpacked libtensorflow: libraries in DIR or DIR/lib, headers in include
npm run tfjs-node -- --remove                uninstall tfjs-node again
Also: --cache DIR (else TENSORFLOW_CACHE, else ${DEFAULT_CACHE}), --force (build again), --help`;

/** Reads a command line. Throws GateError with the usage for what it does not know or cannot combine. */
export function readCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Command {
  const values = parse(args);
  if (values.help) return { type: 'help' };
  const given = (['pip', 'wheel', 'site-packages', 'lib'] as const).filter(
    (name) => values[name] !== undefined,
  );
  if (given.length > 1) refuse(`expected one source of TensorFlow, found --${given.join(' and --')}`);
  if (values.remove) {
    if (given.length > 0 || values.force) refuse('--remove goes with no other option');
    return { type: 'remove' };
  }
  return {
    type: 'install',
    source: sourceOf(given[0], values),
    cache: values.cache ?? (env['TENSORFLOW_CACHE'] || DEFAULT_CACHE),
    force: values.force ?? false,
  };
}

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        pip: { type: 'boolean' },
        wheel: { type: 'string' },
        'site-packages': { type: 'string' },
        lib: { type: 'string' },
        cache: { type: 'string' },
        force: { type: 'boolean' },
        remove: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    return refuse(messageOf(error));
  }
}

function sourceOf(name: 'pip' | 'wheel' | 'site-packages' | 'lib' | undefined, values: Values): Source {
  if (name === undefined) return { type: 'installed' };
  if (name === 'pip') return { type: 'pip' };
  const path = values[name];
  if (!path) return refuse(`--${name} is empty: expected a path`);
  return { type: name, path };
}

function refuse(why: string): never {
  throw new GateError(`${why}\nUsage:\n${USAGE}`);
}
