import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GateError } from '../errors.ts';

/** Large enough for the list of files of a large repository; a single file is bounded by `MAX_FILE_BYTES`. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** What git wrote to standard output, as text. Throws GateError with git's own reason. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  return (await gitBytes(folder, ...args)).toString('utf8');
}

/** What git wrote to standard output, to the byte. Throws GateError with git's own reason. */
export async function gitBytes(folder: string, ...args: readonly string[]): Promise<Buffer> {
  try {
    const { stdout } = await promisify(execFile)('git', args, {
      cwd: folder,
      env: cleanEnvironment(process.env),
      maxBuffer: MAX_OUTPUT_BYTES,
      encoding: 'buffer',
    });
    return stdout;
  } catch (error) {
    throw new GateError(`git ${args[0] ?? ''}: ${reasonOf(error)}`);
  }
}

/**
 * Git as in a shell of its own: a hook that runs the gate has GIT_DIR and the like set, which would point git at another
 * folder; and objects are read as they are, not as a reference under refs/replace says.
 */
export function cleanEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(([name]) => !/^GIT_/i.test(name));
  return { ...Object.fromEntries(kept), GIT_NO_REPLACE_OBJECTS: '1', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
}

/** Git's own first words, or why it could not be started. */
function reasonOf(error: unknown): string {
  const { stderr, code } = error as { readonly stderr?: Buffer; readonly code?: unknown };
  const said = stderr?.toString('utf8').trim() ?? '';
  if (said !== '') return said;
  return code === 'ENOENT' ? 'git is not installed, or the folder is not there' : String(error);
}
