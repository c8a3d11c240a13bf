import { cpus, loadavg, totalmem } from 'node:os';
import type { Bench } from './schema.ts';

const MEGABYTE = 1024 * 1024;

/** The machine as it is before the benchmark puts a load on it. */
export function describeMachine(): Bench['machine'] {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryMegabytes: Math.round(totalmem() / MEGABYTE),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    loadAverage: loadavg()[0]!,
  };
}
