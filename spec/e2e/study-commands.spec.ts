import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExitCode } from '../../src/errors.ts';
import { readStudy, writeStudy } from '../../src/study/store.ts';
import { readRecord } from '../../src/training/store.ts';
import { study, studyRun } from '../support/studies.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'study-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function script(name: 'study' | 'replay', ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'src/bin/codecodecode.ts', name, ...args],
    { encoding: 'utf8' },
  );
  expect(stderr).not.toContain('    at ');
  return { status, stdout, stderr };
}

describe('npm run study', { timeout: 120_000 }, () => {
  test('merges the slices that legs have made, and says what they tell together', () => {
    writeStudy(path.join(folder, 'legs/a'), study([studyRun(1), studyRun(2)]));
    writeStudy(path.join(folder, 'legs/b'), study([studyRun(3)]));
    const { status, stdout } = script(
      'study',
      '--merge',
      path.join(folder, 'legs'),
      '--folder',
      path.join(folder, 'runs'),
    );
    expect(status).toBe(0);
    expect(stdout).toContain('3 runs, mean 99.500 %');
    const merged = readStudy(path.join(folder, 'runs/5-lr-scheduler.study.json'));
    expect(merged).toEqual(study([studyRun(1), studyRun(2), studyRun(3)]));
  });

  test('trains nothing where every seed is done, and tells what they say', () => {
    const file = '1-skeleton.seed-1.json';
    const { fingerprint } = readRecord(path.join('runs', file));
    copyFileSync(path.join('runs', file), path.join(folder, file));
    const runs = [studyRun(1), studyRun(2)];
    writeStudy(folder, study(runs, { id: '1-skeleton', fingerprint }));
    const { status, stdout } = script('study', '1', '--seeds', '1,2', '--folder', folder);
    expect(stdout).toContain('1-skeleton: seeds 1-2; 0 to train');
    expect(stdout).toContain('2 runs, mean 99.500 %');
    expect(status).toBe(0);
  });

  test('ends with 3 where there is nothing to merge', () => {
    const { status, stderr } = script('study', '--merge', folder, '--folder', folder);
    expect(status).toBe(ExitCode.missing);
    expect(stderr).toContain('there is no study in it');
  });

  test.each([
    [['5', '--seeds', '3-1'], 'Seeds "3-1"'],
    [['5', '--jobs', '0'], '--jobs is "0"'],
    [[], 'Which iteration?'],
    [['5', '--merge', 'x'], '--merge takes no iteration'],
    [['5', '--seed', '3'], "unknown option '--seed'. Did you mean --seeds?"],
    [['99'], 'There is no iteration "99"'],
  ])('ends with 4 and one message for %j', (args, words) => {
    const { status, stderr } = script('study', ...args, '--folder', folder);
    expect(status).toBe(ExitCode.infrastructure);
    expect(stderr).toContain(words);
  });
});

describe('npm run replay', { timeout: 120_000 }, () => {
  test('ends with 3 where there is no study, or none of that seed', () => {
    expect(script('replay', '5', '--folder', folder)).toMatchObject({
      status: ExitCode.missing,
      stderr: expect.stringContaining('there is no study to replay') as string,
    });
    const file = writeStudy(folder, study([studyRun(1)]));
    const before = readFileSync(file, 'utf8');
    expect(script('replay', '5', '--seed', '13', '--folder', folder)).toMatchObject({
      status: ExitCode.missing,
      stderr: expect.stringContaining('it has no run of seed 13') as string,
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});
