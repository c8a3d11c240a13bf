/** Turns around a loop before a thread lies down: some 20 microseconds, longer than the others usually need. */
const SPINS = 20000;

/**
 * Waits until `threads` threads have come here. `at` holds two i32: how many have come, and how often all have.
 * Threads that come early turn in a loop for a while and then sleep.
 */
export function meet(at: usize, threads: i32): void {
  if (threads == 1) return;
  const round = atomic.load<i32>(at, 4);
  if (atomic.add<i32>(at, 1) == threads - 1) {
    atomic.store<i32>(at, 0);
    atomic.store<i32>(at, round + 1, 4);
    atomic.notify(at + 4, threads);
    return;
  }
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<i32>(at, 4) != round) return;
  }
  while (atomic.load<i32>(at, 4) == round) atomic.wait<i32>(at + 4, round, -1);
}
