import type { Buffer, Field } from './emit.ts';
import { bufferOf } from './buffers.ts';
import type { Call, Recording } from './recorder.ts';

/** Where the buffers of a program lie: equal for every thread that asks, but for what each has of its own. */
export interface MemoryPlan {
  /** First byte behind everything. */
  readonly end: number;
  address(buffer: Buffer, thread: number): number;
  /** Bytes from one block, or shard, to the next; 0 where a thread has one and the same for all its blocks. */
  stride(buffer: Buffer): number;
}

export interface MemoryOptions {
  readonly recording: Recording;
  /** Buffers that have their addresses already: what outlives the program. */
  readonly fixed: ReadonlyMap<Buffer, number>;
  /** First free byte. */
  readonly start: number;
  readonly blocks: number;
  readonly shards: number;
  readonly threads: number;
}

/** From the first to the last kernel that names it: [number of its phase, place among all kernels]. */
interface Life {
  readonly buffer: Buffer;
  readonly isFixed: boolean;
  firstPhase: number;
  lastPhase: number;
  first: number;
  last: number;
}

/** A stretch that must not overlap others whose times overlap. */
interface Piece {
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Lays buffers out by lifetime. A buffer of blocks that only one phase names is needed while a thread works on one block: each
 * thread has one, which stays in its cache. Others have a place for every block, for as long as a phase names them.
 */
export function planMemory(options: MemoryOptions): MemoryPlan {
  const { recording, fixed, start, blocks, shards, threads } = options;
  const real = (buffer: Buffer) => recording.same.get(buffer) ?? buffer;
  const lives = livesOf(recording, fixed, real);
  const isOwn = ({ buffer, firstPhase, lastPhase }: Life) =>
    buffer.per === 'thread' || (buffer.per === 'block' && firstPhase === lastPhase);
  const free = [...lives.values()].filter((life) => !life.isFixed);

  let next = start;
  const addresses = new Map<Buffer, number>(fixed);
  for (const { buffer } of free.filter(({ buffer }) => buffer.per === 'program' || buffer.per === 'shard')) {
    addresses.set(buffer, next);
    next += padded(buffer.bytes) * (buffer.per === 'shard' ? shards : 1);
  }

  const own = free.filter(isOwn);
  const ownPlaces = pack(
    own.map(({ buffer, first, last }) => ({ bytes: padded(buffer.bytes), from: first, to: last })),
  );
  own.forEach(({ buffer }, i) => addresses.set(buffer, next + ownPlaces.offsets[i]!));
  const ownBytes = ownPlaces.bytes;
  next += threads * ownBytes;
  const isOfThread = new Set(own.map(({ buffer }) => buffer));

  const across = free.filter((life) => life.buffer.per === 'block' && !isOwn(life));
  const replaced = replacements(recording, lives, new Set(across.map(({ buffer }) => buffer)), real);
  const host = (buffer: Buffer): Buffer => {
    const old = replaced.get(buffer);
    return old === undefined ? buffer : host(old);
  };
  const hosts = across.filter(({ buffer }) => !replaced.has(buffer));
  const pieces = hosts.map(({ buffer }): Piece => {
    const all = across.filter((each) => host(each.buffer) === buffer);
    return {
      bytes: blocks * buffer.bytes,
      from: Math.min(...all.map(({ firstPhase }) => firstPhase)),
      to: Math.max(...all.map(({ lastPhase }) => lastPhase)),
    };
  });
  const places = pack(pieces.map((piece) => ({ ...piece, bytes: padded(piece.bytes) })));
  hosts.forEach(({ buffer }, i) => addresses.set(buffer, next + places.offsets[i]!));
  next += places.bytes;

  return {
    end: next,
    address(buffer, thread) {
      const found = real(buffer);
      const address = addresses.get(host(found));
      if (address === undefined) throw new Error('a buffer that no kernel names');
      return address + (isOfThread.has(found) ? thread * ownBytes : 0);
    },
    stride(buffer) {
      const found = real(buffer);
      if (isOfThread.has(found)) return 0;
      return found.per === 'shard' ? padded(found.bytes) : found.bytes;
    },
  };
}

/** The buffers that a call names. */
function buffersOf({ fields }: Call): Buffer[] {
  return Object.values(fields).flatMap((field: Field) =>
    typeof field === 'object' && field.kind === 'address' ? [field.buffer] : [],
  );
}

function livesOf(
  { prepare, phases, finish, addUp, sums, image }: Recording,
  fixed: ReadonlyMap<Buffer, number>,
  real: (buffer: Buffer) => Buffer,
): Map<Buffer, Life> {
  const lives = new Map<Buffer, Life>();
  let time = 0;
  const name = (buffer: Buffer, phase: number) => {
    const found = real(buffer);
    const life = lives.get(found);
    if (life === undefined) {
      const isFixed = fixed.has(found);
      lives.set(found, {
        buffer: found,
        isFixed,
        firstPhase: phase,
        lastPhase: phase,
        first: time,
        last: time,
      });
    } else {
      life.lastPhase = phase;
      life.last = time;
    }
  };
  const visit = (calls: readonly Call[], phase: number) => {
    for (const call of calls) {
      buffersOf(call).forEach((buffer) => name(buffer, phase));
      time++;
    }
  };
  sums.forEach((buffer) => name(buffer, -1));
  visit(prepare, -1);
  phases.forEach(({ each, once }, phase) => {
    if (phase === 0) name(bufferOf(image), 0);
    visit(each, phase);
    visit(once, phase);
  });
  visit(finish, phases.length);
  visit(addUp, phases.length);
  return lives;
}

/** [buffer, the one in whose place it lies], where the wish can be granted. */
function replacements(
  { inPlace }: Recording,
  lives: ReadonlyMap<Buffer, Life>,
  across: ReadonlySet<Buffer>,
  real: (buffer: Buffer) => Buffer,
): Map<Buffer, Buffer> {
  const granted = new Map<Buffer, Buffer>();
  const taken = new Set<Buffer>();
  for (const [wish, place] of inPlace) {
    const [buffer, old] = [real(wish), real(place)];
    const [life, oldLife] = [lives.get(buffer), lives.get(old)];
    if (!life || !oldLife || !across.has(buffer) || !across.has(old) || taken.has(old) || granted.has(buffer))
      continue;
    if (buffer.bytes !== old.bytes || oldLife.last > life.first || buffer === old) continue;
    granted.set(buffer, old);
    taken.add(old);
  }
  return granted;
}

/** Offsets that keep apart what lives at the same time: the largest first, each as low as it fits. */
function pack(pieces: readonly Piece[]): { readonly offsets: readonly number[]; readonly bytes: number } {
  const offsets: number[] = pieces.map(() => 0);
  const placed: number[] = [];
  let bytes = 0;
  const order = pieces.map((_, i) => i).sort((a, b) => pieces[b]!.bytes - pieces[a]!.bytes || a - b);
  for (const i of order) {
    const piece = pieces[i]!;
    const others = placed
      .filter((j) => pieces[j]!.from <= piece.to && piece.from <= pieces[j]!.to)
      .sort((a, b) => offsets[a]! - offsets[b]!);
    let at = 0;
    for (const j of others) {
      if (at + piece.bytes <= offsets[j]!) break;
      at = Math.max(at, offsets[j]! + pieces[j]!.bytes);
    }
    offsets[i] = at;
    placed.push(i);
    bytes = Math.max(bytes, at + piece.bytes);
  }
  return { offsets, bytes };
}

/** A cache line and a bit apart: arrays of a power of two would share cache sets. */
function padded(bytes: number): number {
  return Math.ceil(bytes / 64) * 64 + 64;
}
