import { statfsSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';

/** A disk that is full: a small one in memory where it may be mounted, else one that a layer below Node's `fs` plays. */
export interface Disk {
  readonly kind: 'tmpfs' | 'layer';
  /** Leaves room for so many bytes; gives back what a command's environment needs for it. */
  fill(free: number): Readonly<Record<string, string>>;
  /** As if somebody had tidied up. */
  empty(): Promise<void>;
  unmount(): Promise<void>;
}

const FILLER = 'filler';
const LAYER = join(import.meta.dirname, 'full-disk-layer.mjs');

/** Mounts a disk of `bytes` over `folder`, where that is allowed. */
export async function smallDisk(folder: string, bytes: number, mayMount: boolean): Promise<Disk> {
  const mounted =
    mayMount && (await $({ nothrow: true, quiet: true })`mount -t tmpfs -o size=${bytes} tmpfs ${folder}`);
  if (!mounted || mounted.exitCode !== 0) return playedDisk();
  const filler = join(folder, FILLER);
  return {
    kind: 'tmpfs',
    fill(free) {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - free)));
      return {};
    },
    empty: () => rm(filler, { force: true }),
    unmount: async () => void (await $({ quiet: true })`umount ${folder}`),
  };
}

function playedDisk(): Disk {
  return {
    kind: 'layer',
    fill: (free) => ({ NODE_OPTIONS: `--import ${LAYER}`, FREE_BYTES: String(free) }),
    empty: async () => undefined,
    unmount: async () => undefined,
  };
}
