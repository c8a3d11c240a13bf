import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { $ } from 'zx';
import { data } from '../../../spec/fixtures/digits/digits.ts';
import { imagesFile, labelsFile } from '../../../src/data/idx-files.ts';
import { MNIST_FILES } from '../../../src/data/mnist-files.ts';
import { sha256Of } from '../../../src/data/sha256.ts';

/**
 * This project in a folder of its own, with two facts changed: its one iteration is the network of spec/fixtures/digits, and what it
 * takes for MNIST are the made-up digits, from a mirror of this machine. Every command is the real one, built as the package is.
 */

const ROOT = resolve(import.meta.dirname, '../../..');
const FIXTURE = join(ROOT, 'spec/fixtures/digits');
/** The sources, what specs need of them, and what `npm run build:kernels` has made. */
const PARTS = [
  'src',
  'spec/support',
  'build/kernels.wasm',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
];
/** What commands write to, and may be a disk of its own: real folder, name in the project. */
const ON_DISK = [
  ['disk/runs', 'runs'],
  ['disk/cache', '.cache'],
] as const;

const CONFIG = `import { defineConfig } from 'vitest/config';
import { gateReporter } from './src/reporter.ts';
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 1,
    reporters: ['default', gateReporter()],
    projects: [{ extends: true, test: { name: 'networks', include: ['spec/networks/**/*.spec.ts'] } }],
  },
});
`;

/** The four files that stand for MNIST's, gzipped, by name. */
export function madeUpFiles(): ReadonlyMap<string, Uint8Array> {
  return new Map([...plainFiles()].map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]));
}

/** Makes the project in `folder`, which must not be there. */
export async function makeProject(folder: string, mirror: string): Promise<void> {
  for (const part of PARTS) {
    await mkdir(dirname(join(folder, part)), { recursive: true });
    await cp(join(ROOT, part), join(folder, part), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [real, name] of ON_DISK) await symlink(real, join(folder, name));
  await makeDisk(folder);
  await mkdir(join(folder, 'mnist'));
  for (const [name, bytes] of plainFiles()) await writeFile(join(folder, 'mnist', name), bytes);
  await writeFile(join(folder, 'src/data/mnist-files.ts'), await factsOf(mirror));
  await writeFile(join(folder, 'src/iterations/digits.ts'), await networkText());
  await edit(join(folder, 'src/iterations/index.ts'), [
    [/import \{ skeleton \}.*?;/, "import { digits } from './digits.ts';"],
    [/import \{ \w+ \} from '\.\/\d+-[\w-]+\.ts';\n/g, ''],
    [/= \[[^\]]*skeleton[^\]]*\]/, '= [digits]'],
  ]);
  await mkdir(join(folder, 'spec/networks'), { recursive: true });
  const spec = join(folder, 'spec/networks/1-digits.spec.ts');
  await cp(join(FIXTURE, 'spec/networks/1-digits.spec.ts'), spec);
  await edit(spec, [
    [/(?:\.\.\/){5}/g, '../../'],
    [
      /import \{ data, digits \}.*/,
      "import { digits } from '../../src/iterations/digits.ts';\nimport { loadMnist } from '../../src/data/mnist.ts';",
    ],
    [/const backend = await/, 'const data = await loadMnist();\n    const backend = await'],
  ]);
  await cp(join(FIXTURE, 'spec/targets.lock.json'), join(folder, 'spec/targets.lock.json'));
  await writeFile(join(folder, 'vitest.config.ts'), CONFIG);
  await $({
    cwd: folder,
    quiet: true,
  })`${process.execPath} ${join(ROOT, 'node_modules/typescript/bin/tsc')} -p tsconfig.build.json`;
}

/** A copy of a project that is made already. */
export async function copyProject(template: string, folder: string): Promise<void> {
  await cp(template, folder, { recursive: true, verbatimSymlinks: true });
}

/** The folders that commands write to, empty. */
export async function makeDisk(folder: string): Promise<void> {
  for (const [real] of ON_DISK) {
    await rm(join(folder, real), { recursive: true, force: true });
    await mkdir(join(folder, real), { recursive: true });
  }
}

/** Makes the built network train for other numbers of epochs: whose record there is before is another one then. */
export async function setEpochs(folder: string, from: number, to: number): Promise<void> {
  await edit(join(folder, 'dist/iterations/digits.js'), [[`epochs: ${from}`, `epochs: ${to}`]]);
}

async function networkText(): Promise<string> {
  const text = await readFile(join(FIXTURE, 'digits.ts'), 'utf8');
  return text
    .replace(/import \{ madeUpDigits \}.*\n/, '')
    .replace(/\/\*\*[^/]*\*\/\nexport const data = .*\n/, '')
    .replaceAll('../../../src/iterations/', './')
    .replaceAll('../../../src/', '../');
}

async function factsOf(mirror: string): Promise<string> {
  let text = await readFile(join(ROOT, 'src/data/mnist-files.ts'), 'utf8');
  const plain = plainFiles();
  for (const { name, sha256 } of MNIST_FILES) text = replaced(text, sha256, sha256Of(plain.get(name)!));
  text = replaced(text, /60_000/g, String(data.train.count));
  text = replaced(text, /10_000/g, String(data.test.count));
  return replaced(
    text,
    /MNIST_MIRRORS: readonly string\[\] = \[[^\]]*\]/,
    `MNIST_MIRRORS: readonly string[] = ['${mirror}']`,
  );
}

function plainFiles(): ReadonlyMap<string, Uint8Array> {
  const [trainImages, trainLabels, testImages, testLabels] = MNIST_FILES.map(({ name }) => name);
  return new Map([
    [trainImages!, imagesFile(data.train)],
    [trainLabels!, labelsFile(data.train, data.classes)],
    [testImages!, imagesFile(data.test)],
    [testLabels!, labelsFile(data.test, data.classes)],
  ]);
}

async function edit(file: string, changes: readonly (readonly [string | RegExp, string])[]): Promise<void> {
  let text = await readFile(file, 'utf8');
  for (const [from, to] of changes) text = replaced(text, from, to);
  await writeFile(file, text);
}

function replaced(text: string, from: string | RegExp, to: string): string {
  const after = text.replace(from, to);
  if (after === text) throw new Error(`the sources do not hold ${String(from)} any more`);
  return after;
}
