import { GateError } from '../errors.ts';

/** The sources that a new iteration is made from, and goes into. */
export interface LadderSources {
  /** The last iteration: "6-receptive-field", its file and its spec. */
  readonly lastId: string;
  readonly iteration: string;
  readonly spec: string;
  /** src/iterations/index.ts */
  readonly index: string;
}

export interface NewIteration {
  readonly id: string;
  readonly iteration: string;
  readonly spec: string;
  readonly index: string;
}

/** As in file names, jobs of CI and `-t` patterns. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * The last iteration and its spec under a new number and name, and the list with it at its end. Pure. Throws GateError for a name
 * that cannot be one, and where the sources are not laid out as the published ones are.
 */
export function newIteration(name: string, number: number, sources: LadderSources): NewIteration {
  if (!NAME.test(name)) {
    throw new GateError(
      `"${name}" cannot be an iteration's name: expected small letters, digits and single hyphens, such as wider-net.`,
    );
  }
  const id = `${number}-${name}`;
  const constant = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const { lastId, index } = sources;
  const before = /^export const (\w+) = defineIteration\(/m.exec(sources.iteration)?.[1];
  if (before === undefined)
    throw strange(`src/iterations/${lastId}.ts`, 'export const NAME = defineIteration({');
  const title = name.replaceAll('-', ' ');
  const word = new RegExp(`\\b${before}\\b`, 'g');
  const iteration = edit(`src/iterations/${lastId}.ts`, sources.iteration, [
    [word, constant],
    [/^ {2}id: .*,$/m, `  id: '${id}',`],
    [/^ {2}name: .*,$/m, `  name: '${title[0]!.toUpperCase()}${title.slice(1)}',`],
    [/^ {2}concept: .*,$/m, `  concept: 'say in a few words what it tries',`],
    [/^ {2}why: .*,$/m, `  why: 'Say in a sentence why it should help.',`],
  ]);
  const spec = edit(`spec/networks/${lastId}.spec.ts`, sources.spec, [
    [`/${lastId}.ts`, `/${id}.ts`],
    [word, constant],
    [/^describe\((['"]).*\1,/m, `describe('the network ${title}',`],
  ]);
  const list = edit('src/iterations/index.ts', index, [
    [
      `import { ${before} } from './${lastId}.ts';\n`,
      `import { ${before} } from './${lastId}.ts';\nimport { ${constant} } from './${id}.ts';\n`,
    ],
    [new RegExp(`^ {2}${before},\\n`, 'm'), `  ${before},\n  ${constant},\n`],
  ]);
  return { id, iteration, spec, index: list };
}

function edit(file: string, text: string, changes: readonly (readonly [string | RegExp, string])[]): string {
  return changes.reduce((before, [from, to]) => {
    const after = before.replace(from, to);
    if (after === before) throw strange(file, String(from));
    return after;
  }, text);
}

function strange(file: string, expected: string): GateError {
  return new GateError(`${file} is not laid out as expected (no ${expected}): copy it by hand.`);
}
