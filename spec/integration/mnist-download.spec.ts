import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadMnist } from '../../src/data/mnist.ts';
import type { MnistOptions } from '../../src/data/mnist.ts';
import { TINY_BYTES, TINY_FILES, gateMessage, imageFile, temporaryFolder } from '../support/tiny-mnist.ts';

const MIRRORS = ['https://first.example/mnist', 'https://second.example/data'];
const NAMES = TINY_FILES.map((file) => file.name);

type Answer = (bytes: Buffer, signal: AbortSignal) => Response | Promise<Response>;

const whole: Answer = (bytes) => new Response(gzipSync(bytes));
const plain: Answer = (bytes) => new Response(new Uint8Array(bytes));
const cutShort: Answer = (bytes) => new Response(gzipSync(bytes).subarray(0, 20));
const otherBytes: Answer = (bytes) => {
  const changed = Buffer.from(bytes);
  changed[changed.length - 1]! ^= 1;
  return new Response(gzipSync(changed));
};
const unavailable: Answer = () => new Response('no', { status: 503, statusText: 'Service Unavailable' });
const noNetwork: Answer = () =>
  Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') }));
const silent: Answer = () => new Promise(() => undefined);
const stalling: Answer = (bytes) =>
  new Response(new ReadableStream({ start: (body) => body.enqueue(gzipSync(bytes).subarray(0, 20)) }));

/** A fake world in which mirror i gives `answers[i]`; an array is one answer a request, the last one for good. */
async function world(answers: readonly (Answer | readonly Answer[])[]) {
  const cache = join(await temporaryFolder(), 'cache', 'mnist');
  const requests: string[] = [];
  const waits: number[] = [];
  const lines: string[] = [];
  const asked = MIRRORS.map(() => 0);
  const options = {
    env: { MNIST_CACHE: cache },
    files: TINY_FILES,
    mirrors: MIRRORS,
    timeoutMs: 30,
    fetch: async (input: string | URL | Request, init?: RequestInit) => {
      const url = String(input);
      requests.push(url);
      const mirror = MIRRORS.findIndex((prefix) => url.startsWith(`${prefix}/`));
      const several = [answers[mirror]!].flat();
      const answer = several[Math.min(asked[mirror]!++, several.length - 1)]!;
      const bytes = TINY_BYTES[url.slice(MIRRORS[mirror]!.length + 1, -'.gz'.length)]!;
      return answer(bytes, init!.signal!);
    },
    sleep: async (ms: number) => waits.push(ms),
    progress: {
      start: (what: string) => void lines.push(what),
      advance: () => undefined,
      stop: () => undefined,
    },
  } satisfies MnistOptions;
  return { cache, options, requests, waits, lines };
}

const listing = (folder: string) => readdir(folder).catch(() => []);

describe('a download of MNIST', () => {
  it('asks the first mirror once a file and fills the cache', async () => {
    const { cache, options, requests, waits, lines } = await world([whole, unavailable]);
    const { train, source } = await loadMnist(options);
    expect([...train.pixels]).toEqual([...imageFile(3).subarray(16)]);
    expect(source).toBe(cache);
    expect(requests).toEqual(NAMES.map((name) => `${MIRRORS[0]}/${name}.gz`));
    expect(waits).toEqual([]);
    expect(lines).toEqual(NAMES.map((name) => `${name} from first.example`));
    expect((await listing(cache)).toSorted()).toEqual(NAMES.map((name) => `${name}.gz`).toSorted());
  });

  it('is not repeated once the cache is whole', async () => {
    const { options, requests } = await world([whole, whole]);
    const first = await loadMnist(options);
    expect(await loadMnist(options)).toEqual(first);
    expect(requests).toHaveLength(4);
  });

  it('fetches only what the cache lacks', async () => {
    const { cache, options, requests } = await world([whole, whole]);
    await loadMnist(options);
    await rm(join(cache, `${NAMES[2]}.gz`));
    await loadMnist(options);
    expect(requests.slice(4)).toEqual([`${MIRRORS[0]}/${NAMES[2]}.gz`]);
  });

  it('keeps files that the server unpacked on the way under their plain names', async () => {
    const { cache, options } = await world([plain, unavailable]);
    await loadMnist(options);
    expect((await listing(cache)).toSorted()).toEqual(NAMES.toSorted());
    expect((await loadMnist(options)).test.count).toBe(2);
  });

  it.each([
    ['answers 503', unavailable],
    ['is out of reach', noNetwork],
    ['sends a gzip file cut short', cutShort],
    ['sends other bytes', otherBytes],
    ['never answers', silent],
    ['stops half-way', stalling],
  ] as const)('goes on to the second mirror when the first %s', async (_, broken) => {
    const { options, requests, waits } = await world([broken, whole]);
    expect((await loadMnist(options)).train.count).toBe(3);
    expect(requests.slice(0, 2)).toEqual(MIRRORS.map((mirror) => `${mirror}/${NAMES[0]}.gz`));
    expect(requests).toHaveLength(8);
    expect(waits).toEqual([]);
  });

  it('tries every mirror again after a wait, and a longer one', async () => {
    const { options, requests, waits } = await world([[unavailable, noNetwork, whole], unavailable]);
    expect((await loadMnist(options)).train.count).toBe(3);
    expect(waits).toEqual([1_000, 2_000]);
    expect(requests).toHaveLength(5 + 3);
  });

  it('aborts the request that it gives up', async () => {
    const signals: AbortSignal[] = [];
    const { options } = await world([
      (bytes, signal) => (signals.push(signal), silent(bytes, signal)),
      whole,
    ]);
    await loadMnist(options);
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true, true, true]);
  });
});

describe('a download that fails on every mirror', () => {
  it.each([
    ['no network', noNetwork, 'fetch failed (getaddrinfo ENOTFOUND)'],
    ['a server in trouble', unavailable, 'expected HTTP status 200, found 503 Service Unavailable'],
    ['silence', silent, 'expected data, found none for 0.03 s (timed out)'],
    ['a gzip file cut short', cutShort, 'expected 2368 bytes when uncompressed'],
    ['other bytes', otherBytes, `expected SHA-256 ${TINY_FILES[0].sha256}`],
  ] as const)('names the file, each mirror and %s, and leaves nothing behind', async (_, broken, told) => {
    const { cache, options, requests, waits } = await world([broken, broken]);
    const message = await gateMessage(() => loadMnist(options));
    expect(message).toMatch(/^train-images-idx3-ubyte cannot be downloaded/);
    for (const mirror of MIRRORS) expect(message).toContain(`${mirror}/${NAMES[0]}.gz: `);
    expect(message.split(told)).toHaveLength(3);
    expect(message).toContain('set MNIST_DIR');
    expect(requests).toHaveLength(6);
    expect(waits).toEqual([1_000, 2_000]);
    expect(await listing(cache)).toEqual([]);
  });

  it('keeps the files that came before it', async () => {
    const { cache, options } = await world([[whole, unavailable], unavailable]);
    expect(await gateMessage(() => loadMnist(options))).toContain(`${NAMES[1]} cannot be downloaded`);
    expect(await listing(cache)).toEqual([`${NAMES[0]}.gz`]);
  });
});

describe('a cache that cannot be written', () => {
  it('gets an error that names the file and MNIST_CACHE', async () => {
    const { options } = await world([whole, whole]);
    const file = join(await temporaryFolder(), 'a-file');
    await writeFile(file, '');
    const message = await gateMessage(() =>
      loadMnist({ ...options, env: { MNIST_CACHE: join(file, 'mnist') } }),
    );
    expect(message).toContain(join(file, 'mnist'));
    expect(message).toContain('set MNIST_CACHE');
  });
});
