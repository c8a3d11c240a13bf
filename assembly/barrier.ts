/** Nanoseconds that a thread lies before it looks whether another one has failed. */
const NAP: i64 = 50_000_000;

/** What `meet` returns. */
const ALL_CAME = 0;
const ONE_FAILED = 1;
const NOBODY_CAME = 2;

/**
 * Waits until `threads` threads have come here; returns 0 then. `at` holds four i32: how many have come, how often all have,
 * whether a thread has failed, in which case it returns 1, and how many sleep. Threads that come early turn around a loop `turns` times (a nanosecond each, or
 * so) and then sleep, at most `naps` times 50 milliseconds (-1: for ever); returns 2 when that is over.
 */
export function meet(at: usize, threads: i32, turns: i32, naps: i32): i32 {
  if (threads == 1) return ALL_CAME;
  const round = atomic.load<i32>(at, 4);
  if (atomic.add<i32>(at, 1) == threads - 1) {
    atomic.store<i32>(at, 0);
    atomic.store<i32>(at, round + 1, 4);
    // Whoever falls asleep from now on sees the new round, and does not.
    if (atomic.load<i32>(at, 12)) atomic.notify(at + 4, threads);
    return atomic.load<i32>(at, 8) ? ONE_FAILED : ALL_CAME;
  }
  for (let i = 0; i < turns; i++) {
    if (atomic.load<i32>(at, 4) != round) return atomic.load<i32>(at, 8) ? ONE_FAILED : ALL_CAME;
  }
  for (; atomic.load<i32>(at, 4) == round; naps = naps < 0 ? naps : naps - 1) {
    if (atomic.load<i32>(at, 8)) return ONE_FAILED;
    if (naps == 0) return NOBODY_CAME;
    atomic.add<i32>(at, 1, 12);
    atomic.wait<i32>(at + 4, round, NAP);
    atomic.sub<i32>(at, 1, 12);
  }
  return atomic.load<i32>(at, 8) ? ONE_FAILED : ALL_CAME;
}

/** Tells all who wait at `at`, or will, that a thread has failed. */
export function fail(at: usize, threads: i32): void {
  atomic.store<i32>(at, 1, 8);
  atomic.notify(at + 4, threads);
}
