import { GateError, messageOf } from '../errors.ts';
import type { DownloadProgress } from './download-progress.ts';
import type { MnistFile } from './mnist-files.ts';
import { verifyMnistFile } from './mnist-verify.ts';
import type { VerifiedFile } from './mnist-verify.ts';
import { commandLine } from '../command-line.ts';

/** Every mirror is asked once a round. */
const ROUNDS = 3;
/** Wait before the second round, doubled before each further one. */
const FIRST_WAIT_MS = 1_000;

export interface DownloadOptions {
  readonly mirrors: readonly string[];
  readonly fetch: typeof fetch;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** A mirror that sends nothing for so long is given up. */
  readonly timeoutMs: number;
  readonly progress: DownloadProgress;
}

export interface Downloaded {
  /** The bytes as the mirror sent them, gzipped or not. */
  readonly stored: Uint8Array;
  readonly verified: VerifiedFile;
}

/** Fetches one file, from the first mirror that sends it whole and right; nothing is written. */
export async function downloadMnistFile(file: MnistFile, options: DownloadOptions): Promise<Downloaded> {
  const failures = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await options.sleep(FIRST_WAIT_MS * 2 ** (round - 1));
    for (const mirror of options.mirrors) {
      const url = `${mirror}/${file.name}.gz`;
      try {
        const stored = await receive(url, file, options);
        return { stored, verified: await verifyMnistFile(stored, file, { file: url, remedy: '' }) };
      } catch (error) {
        failures.set(url, reasonOf(error));
      }
    }
  }
  throw new GateError(
    `${file.name} cannot be downloaded: expected it from one of ${options.mirrors.length} mirrors, ` +
      `found, in the last of ${ROUNDS} rounds,\n` +
      [...failures].map(([url, reason]) => `  ${url}: ${reason}\n`).join('') +
      `Check the network and run \`${commandLine('mnist')}\`, or fetch the four files by other means and set MNIST_DIR to their folder.`,
  );
}

async function receive(url: string, file: MnistFile, options: DownloadOptions): Promise<Uint8Array> {
  const stall = stallTimer(options.timeoutMs);
  try {
    const response = await stall.watch(options.fetch(url, { signal: stall.signal }));
    if (!response.ok || response.body === null) {
      throw new GateError(`expected HTTP status 200, found ${response.status} ${response.statusText}`);
    }
    options.progress.start(`${file.name} from ${new URL(url).host}`, sizeOf(response));
    const reader = response.body.getReader();
    const chunks: Uint8Array[] = [];
    for (;;) {
      const { done, value } = await stall.watch(reader.read());
      if (done) return Buffer.concat(chunks);
      chunks.push(value);
      options.progress.advance(value.length);
    }
  } finally {
    stall.stop();
    options.progress.stop();
  }
}

/** Aborts, and rejects what is being watched, when that takes longer than `timeoutMs`. */
function stallTimer(timeoutMs: number) {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    stop: () => clearTimeout(timer),
    watch<T>(pending: Promise<T>): Promise<T> {
      clearTimeout(timer);
      return new Promise<T>((resolve, reject) => {
        timer = setTimeout(() => {
          reject(new GateError(`expected data, found none for ${timeoutMs / 1_000} s (timed out)`));
          controller.abort();
        }, timeoutMs);
        pending.then(resolve, reject);
      });
    },
  };
}

function sizeOf(response: Response): number | undefined {
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  return Number.isSafeInteger(length) ? length : undefined;
}

/** `fetch` hides why it failed in `cause`. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : '';
  return `${messageOf(error)}${cause}`.trim();
}
