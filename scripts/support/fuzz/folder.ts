import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For what is read from files; goes with the process. */
export const FOLDER = mkdtempSync(join(tmpdir(), 'fuzz-'));
process.once('exit', () => rmSync(FOLDER, { recursive: true, force: true }));
