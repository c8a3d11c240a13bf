import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { GateError, messageOf } from '../errors.ts';
import './gradients.ts';
import { registerCpuKernels, registerTrainingKernels } from './register.ts';

/** What GATE_BACKEND may say. */
export const backendChoices = ['node', 'wasm', 'cpu'] as const;
export type BackendChoice = (typeof backendChoices)[number];

export interface Backend {
  /** The one copy of tfjs-core that everything shares. */
  readonly tf: typeof tf;
  readonly name: 'tensorflow' | 'wasm' | 'cpu';
  readonly version: string;
  /** One line for a person: why this backend and no other. */
  readonly reason: string;
}

export interface SelectOptions {
  /** One of `backendChoices`; empty or absent: the first that loads. Entry points pass `process.env.GATE_BACKEND`. */
  readonly force?: string | undefined;
  /** What the person typed to force it; default: the variable. */
  readonly asked?: string;
  /** Replaceable, so that tests can break it. */
  readonly importModule?: (name: string) => Promise<unknown>;
  /** As in `process.versions.node`. */
  readonly nodeVersion?: string;
}

const NODE_PACKAGE = '@tensorflow/tfjs-node';
const WASM_PACKAGE = '@tensorflow/tfjs-backend-wasm';
const CPU_PACKAGE = '@tensorflow/tfjs-backend-cpu';
/**
 * What TensorFlow reads from the environment when it starts. Networks as small as these are slower on several threads
 * than on one; oneDNN is on by itself on some processors only, and 1.7 times as fast on others; level 1 leaves out what
 * TensorFlow says about itself, not its warnings. Measured in docs/tfjs-node.md. What the user has set stands.
 */
const TENSORFLOW_SETTINGS = {
  TF_CPP_MIN_LOG_LEVEL: '1',
  TF_ENABLE_ONEDNN_OPTS: '1',
  TF_NUM_INTRAOP_THREADS: '1',
} as const;

/**
 * Selects tfjs-node where it loads, else WASM with the training kernels of this project, and says why. What is forced
 * is taken or fails: a GateError with the reason. The selected backend is tfjs' current one afterwards.
 */
export async function selectBackend(options: SelectOptions = {}): Promise<Backend> {
  const { importModule = (name) => import(name), nodeVersion = process.versions.node } = options;
  const force = readChoice(options.force);
  const asked = options.asked ?? `GATE_BACKEND=${force}`;
  if (force === 'cpu') return selectCpu(importModule, `forced by ${asked}`);
  if (force === 'wasm') return selectWasm(importModule, `forced by ${asked}`);
  const node = await tryNode(importModule, nodeVersion);
  if (typeof node !== 'string') {
    return { ...node, reason: force ? `forced by ${asked}` : 'tfjs-node is installed and loads' };
  }
  if (force) {
    throw new GateError(
      `${asked} asks for tfjs-node, but ${node}. Install it, or ${asked.startsWith('--') ? 'leave the option out' : 'unset GATE_BACKEND'}.`,
    );
  }
  return selectWasm(importModule, node);
}

function readChoice(force: string | undefined): BackendChoice | undefined {
  if (!force) return undefined;
  const choice = backendChoices.find((name) => name === force);
  if (choice) return choice;
  throw new GateError(
    `GATE_BACKEND is "${force}", expected one of ${backendChoices.join(', ')}. Correct it, or unset it to take the first that loads.`,
  );
}

type Import = (name: string) => Promise<unknown>;

/** The tfjs-node backend, or one line that says why not. */
async function tryNode(importModule: Import, nodeVersion: string): Promise<Omit<Backend, 'reason'> | string> {
  prepareForNode();
  let module: { version?: Record<string, string>; default?: { version?: Record<string, string> } };
  try {
    module = (await importModule(NODE_PACKAGE)) as typeof module;
  } catch (error) {
    return whyNotLoaded(error);
  }
  if (!tf.findBackendFactory('tensorflow')) {
    return 'tfjs-node loaded with a copy of tfjs-core of its own (run `npm ls @tensorflow/tfjs-core`)';
  }
  try {
    if (!(await tf.setBackend('tensorflow'))) return 'tfjs-node loaded but its backend does not start';
    const [two] = tf.tidy(() => tf.add(tf.tensor1d([1]), tf.tensor1d([1])).dataSync());
    if (two !== 2) return `tfjs-node loaded but computes 1 + 1 = ${two}`;
  } catch (error) {
    return `tfjs-node loaded but does not compute on Node ${nodeVersion} (${firstLine(error)})`;
  }
  const version = module.version ?? module.default?.version;
  return { tf, name: 'tensorflow', version: version?.['tfjs-node'] ?? tf.version_core };
}

function prepareForNode(): void {
  for (const [name, value] of Object.entries(TENSORFLOW_SETTINGS)) process.env[name] ??= value;
  // tfjs-node 4.22 calls this function, which Node 23 removed: https://nodejs.org/api/deprecations.html#DEP0051
  const removed = util as { isNullOrUndefined?: (value: unknown) => boolean };
  removed.isNullOrUndefined ??= (value) => value === null || value === undefined;
}

function whyNotLoaded(error: unknown): string {
  const { code } = error as { code?: string };
  const text = messageOf(error);
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  if (missing && text.includes(`'${NODE_PACKAGE}'`)) return 'tfjs-node is not installed';
  if (missing || text.includes('tfjs_binding.node')) {
    return `tfjs-node is installed but a part of it is missing (${firstLine(error)})`;
  }
  if (code === 'ERR_DLOPEN_FAILED')
    return `tfjs-node is installed but its library does not load (${firstLine(error)})`;
  return `tfjs-node is installed but broken (${firstLine(error)})`;
}

async function selectWasm(importModule: Import, reason: string): Promise<Backend> {
  try {
    const wasm = (await importModule(WASM_PACKAGE)) as typeof import('@tensorflow/tfjs-backend-wasm');
    if (tf.getBackend() !== 'wasm') {
      const entry = createRequire(import.meta.url).resolve(WASM_PACKAGE);
      wasm.setWasmPaths(`${path.dirname(entry)}${path.sep}`);
      if (!(await tf.setBackend('wasm'))) throw new Error('its module does not start');
    }
    registerTrainingKernels();
    return { tf, name: 'wasm', version: wasm.version_wasm, reason };
  } catch (error) {
    throw new GateError(
      `The WASM backend does not load (${firstLine(error)}); it was chosen because: ${reason}. Run \`npm ci\` again.`,
    );
  }
}

async function selectCpu(importModule: Import, reason: string): Promise<Backend> {
  try {
    const cpu = (await importModule(CPU_PACKAGE)) as typeof import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    withoutAdvert(tf.backend());
    registerCpuKernels();
    return { tf, name: 'cpu', version: cpu.version_cpu, reason };
  } catch (error) {
    throw new GateError(`The cpu backend does not load (${firstLine(error)}). Run \`npm ci\` again.`);
  }
}

/** On the first tensor the cpu backend advises to install tfjs-node: here it runs because it was asked for. */
function withoutAdvert(backend: object): void {
  if ('firstUse' in backend) backend.firstUse = false;
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0]!.trim();
}
