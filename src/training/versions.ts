import { readFileSync } from 'node:fs';

const { version, engines } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string; engines: { node: string } };

/** The version in package.json. */
export const projectVersion: string = version;

/** Undefined where this version of Node is as new as package.json demands; else one line for a person. */
export function nodeProblem(found: string): string | undefined {
  const needed = engines.node.replace('>=', '');
  const [major, minor] = found.split('.').map(Number) as [number, number];
  const [leastMajor, leastMinor] = needed.split('.').map(Number) as [number, number];
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return `codecodecode needs Node ${needed} or newer, this is ${found}. Install a newer one: https://nodejs.org`;
}
