import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of this repository. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

export interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

export function npm(cwd: string, ...args: readonly string[]): Promise<Ended> {
  return run(cwd, 'npm', args);
}

/** As if typed in CI: what this test run itself was started with is left out. */
export function run(cwd: string, command: string, args: readonly string[]): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_.*|GITHUB_.*|GATE_.*|VITEST.*|NODE_ENV|TEST)$/i.test(name),
  );
  // Absolute, as the app lies elsewhere.
  const mnist = resolve(ROOT, process.env['MNIST_DIR'] || process.env['MNIST_CACHE'] || '.cache/mnist');
  const env = { ...Object.fromEntries(inherited), MNIST_DIR: mnist, CI: '1', NO_COLOR: '1' };
  return new Promise((done) => {
    const child = execFile(command, [...args], { cwd, env }, (_error, stdout, stderr) =>
      done({
        exitCode: child.exitCode ?? -1,
        output: stdout + (command === 'npm' && args[0] === 'pack' ? '' : stderr),
      }),
    );
  });
}
