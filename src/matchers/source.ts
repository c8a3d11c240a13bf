import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cleanEnvironment } from '../base/git.ts';
import { LOCK_FILE } from '../gates/manifest.ts';
import type { Source } from '../gates/source.ts';

const KNOWN = new Map<string, Source>();

/** Of the project that `folder` lies in, as it is at the first call: one process runs on one commit. */
export function sourceOf(folder: string): Source {
  const known = KNOWN.get(folder);
  if (known) return known;
  const source = { commit: commitIn(folder), lock: lockAbove(folder) };
  KNOWN.set(folder, source);
  return source;
}

function commitIn(folder: string): string | null {
  try {
    const env = cleanEnvironment(process.env) as NodeJS.ProcessEnv;
    const said = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: folder, env, stdio: 'pipe' });
    return said.toString('utf8').trim();
  } catch {
    return null;
  }
}

function lockAbove(folder: string): string | null {
  const file = join(folder, LOCK_FILE);
  if (existsSync(file)) return createHash('sha256').update(readFileSync(file)).digest('hex');
  const above = dirname(folder);
  return above === folder ? null : lockAbove(above);
}
