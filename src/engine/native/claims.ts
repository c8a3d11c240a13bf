/** Bytes from one counter to the next: a cache line, so that threads that count their own shards are not in each other's way. */
const COUNTER_BYTES = 64;
const COUNTER_WORDS = COUNTER_BYTES / 4;

/** Who works on which shard of a phase. */
export interface Claims {
  /** The next shard that this thread works on in the phase: its own ones, then what the others have not begun; -1: none is left. */
  next(phase: number): number;
  /** To be called when all threads have come to the end of the phase, so that it can begin anew. */
  reset(phase: number): void;
}

export interface ClaimOptions {
  readonly memory: WebAssembly.Memory;
  /** `claimBytes` of it, all 0 at first. */
  readonly at: number;
  readonly thread: number;
  readonly threads: number;
  readonly shardCount: number;
}

export function claimBytes(phases: number, threads: number): number {
  return phases * threads * COUNTER_BYTES;
}

/**
 * Cores are not equally fast: a neighbour may share one, or the system interrupt it. So a thread that is done takes over what others have
 * not begun. Each thread's shards are counted by whoever takes one; a shard is summed by itself, so who takes it changes no bit.
 */
export function claimShards({ memory, at, thread, threads, shardCount }: ClaimOptions): Claims {
  if (threads === 1) return claimAll(shardCount);
  const counters = new Int32Array(memory.buffer);
  const counterOf = (phase: number, owner: number) => at / 4 + (phase * threads + owner) * COUNTER_WORDS;
  return {
    next(phase) {
      for (let i = 0; i < threads; i++) {
        const owner = (thread + i) % threads;
        const shard = owner + threads * Atomics.add(counters, counterOf(phase, owner), 1);
        if (shard < shardCount) return shard;
      }
      return -1;
    },
    reset(phase) {
      Atomics.store(counters, counterOf(phase, thread), 0);
    },
  };
}

/** Of the only thread. */
function claimAll(shardCount: number): Claims {
  let taken = 0;
  return {
    next: () => (taken < shardCount ? taken++ : -1),
    reset() {
      taken = 0;
    },
  };
}
