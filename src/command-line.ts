import { basename } from 'node:path';

/** Built for the registry; the sources are only in this project's own repository, whose scripts have the names of the commands. */
const IS_INSTALLED = basename(import.meta.dirname) === 'dist';

/**
 * What a person types for a command and its arguments, such as "train 5 --seed 3": `npm run train -- 5 --seed 3` in this repository,
 * `npx codecodecode train 5 --seed 3` wherever the package is installed.
 */
export function commandLine(command: string, installed = IS_INSTALLED): string {
  if (installed) return `npx codecodecode ${command}`;
  const [name, ...rest] = command.split(' ');
  return ['npm run', name, ...(rest.length === 0 ? [] : ['--', ...rest])].join(' ');
}
