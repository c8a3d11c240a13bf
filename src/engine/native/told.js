/**
 * What the threads of an engine tell each other beside their work, in memory that all of them see. Plain JavaScript: the foreman
 * starts without a compiler.
 */

const STATE = 0;
const THREAD = 1;
const PLACE = 2;
const LENGTH = 3;
/** Bytes. */
const TEXT = 64;
const PLACES = 1024;
const PLACE_BYTES = 64;
/** What the place of a thread says that was told to end. */
export const LEFT = -1;

/** @param {number} threads */
export function createTold(threads) {
  return new SharedArrayBuffer(PLACES + threads * PLACE_BYTES);
}

/**
 * Says, once for all threads, why one of them failed and where it was: what is told first stands.
 * @param {SharedArrayBuffer} told
 * @param {number} thread
 * @param {string} why
 */
export function tell(told, thread, why) {
  const words = new Int32Array(told);
  if (Atomics.compareExchange(words, STATE, 0, 1) !== 0) return;
  const text = new TextEncoder().encode(why).subarray(0, PLACES - TEXT);
  new Uint8Array(told).set(text, TEXT);
  words[THREAD] = thread;
  words[PLACE] = placeOf(told, thread)[0] ?? 0;
  words[LENGTH] = text.length;
  Atomics.store(words, STATE, 2);
}

/**
 * @param {SharedArrayBuffer} told
 * @returns {{ readonly thread: number, readonly place: number, readonly why: string } | undefined} undefined: nothing was told
 */
export function whatWasTold(told) {
  const words = new Int32Array(told);
  if (Atomics.load(words, STATE) !== 2) return undefined;
  const [, thread = 0, place = 0, length = 0] = words;
  const why = new TextDecoder().decode(new Uint8Array(told, TEXT, length).slice());
  return { thread, place, why };
}

/**
 * One word a thread, a cache line each: which part of its work it is in.
 * @param {SharedArrayBuffer} told
 * @param {number} thread
 */
export function placeOf(told, thread) {
  return new Int32Array(told, PLACES + thread * PLACE_BYTES, 1);
}

/**
 * As the kernel `fail`, for who has no kernels: sets free who waits at the barrier `at`.
 * @param {ArrayBufferLike} memory
 * @param {number} at
 */
export function setFree(memory, at) {
  const words = new Int32Array(memory);
  Atomics.store(words, at / 4 + 2, 1);
  Atomics.notify(words, at / 4 + 1);
}
