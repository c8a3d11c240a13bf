import { GateError, messageOf } from '../errors.ts';
import type { OnnxFile } from './file.ts';
import { onnx } from './schema.ts';
import type { Layout } from './value.ts';

/** What runs a file: ONNX Runtime as WebAssembly, which is the same on every machine, or its native build where that is installed. */
export type RuntimeName = 'onnxruntime-web' | 'onnxruntime-node';

export interface Runtime {
  readonly name: RuntimeName;
  readonly version: string;
  /** Why this one; one line. */
  readonly reason: string;
}

export interface OnnxSession {
  readonly runtime: Runtime;
  /**
   * The output for `count` images, row by row; and of each watched value what it is for them. `pixels` are in the layout that
   * the file reads.
   */
  run(pixels: Float32Array, count: number): Promise<Answers>;
  release(): Promise<void>;
}

export interface Answers {
  readonly output: Float32Array;
  readonly watched: ReadonlyMap<string, Watched>;
}

export interface Watched {
  /** With the images first. */
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

export interface SessionOptions {
  /** Absent: the native build where it is installed, else WebAssembly. */
  readonly runtime?: RuntimeName;
  /** Height, width and channels of an image, and where the file has its channels. */
  readonly images: { readonly size: readonly [number, number, number]; readonly layout: Layout };
  /** Values between that are wanted, too. */
  readonly watch?: readonly string[];
}

/** Of onnxruntime-common, what is used. */
interface Ort {
  readonly env: {
    readonly versions: Readonly<Record<string, string | undefined>>;
    readonly wasm?: { numThreads?: number };
  };
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: object): Promise<OrtSession>;
  };
  readonly Tensor: new (type: 'float32', values: Float32Array, dims: readonly number[]) => unknown;
}
interface OrtSession {
  run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}
interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** Severity 3 of 4: errors alone. */
const LOG_ERRORS = 3;

/**
 * Loads ONNX Runtime on demand and opens the file in it. Throws GateError where neither build is installed, or where the
 * runtime refuses the file.
 */
export async function openSession(file: OnnxFile, options: SessionOptions): Promise<OnnxSession> {
  const { ort, runtime } = await loadRuntime(options.runtime);
  const watch = options.watch ?? [];
  const external = file.external.map(({ path, bytes }) => ({ path, data: bytes }));
  let session: OrtSession;
  try {
    session = await ort.InferenceSession.create(watching(file, watch), {
      executionProviders: [runtime.name === 'onnxruntime-web' ? 'wasm' : 'cpu'],
      logSeverityLevel: LOG_ERRORS,
      ...(external.length > 0 && { externalData: external }),
    });
  } catch (error) {
    throw refused(file, runtime, error);
  }
  const [input] = file.inputs;
  const fixed = input!.sizes?.[0] ?? undefined;
  return {
    runtime,
    async run(pixels, count) {
      const parts: Readonly<Record<string, OrtTensor>>[] = [];
      const size = pixels.length / count;
      const step = fixed ?? count;
      const dims = dimsOf(options.images, step);
      for (let from = 0; from < count; from += step) {
        const batch = new Float32Array(step * size);
        batch.set(pixels.subarray(from * size, Math.min(count, from + step) * size));
        try {
          parts.push(await session.run({ [input!.name]: new ort.Tensor('float32', batch, dims) }));
        } catch (error) {
          throw refused(file, runtime, error);
        }
      }
      const joined = (name: string) =>
        join(
          parts.map((part) => part[name]!),
          count,
          step,
          file,
          name,
        );
      return {
        output: joined(file.outputs[0]!.name).values,
        watched: new Map(watch.map((name) => [name, joined(name)])),
      };
    },
    release: () => session.release(),
  };
}

async function loadRuntime(
  wanted: RuntimeName | undefined,
): Promise<{ readonly ort: Ort; readonly runtime: Runtime }> {
  const faults: string[] = [];
  for (const name of wanted ? [wanted] : (['onnxruntime-node', 'onnxruntime-web'] as const)) {
    try {
      const ort = (await import(name)) as Ort;
      // One thread: sums in one order, hence the same answers on every machine.
      if (ort.env.wasm) ort.env.wasm.numThreads = 1;
      const version =
        ort.env.versions[name === 'onnxruntime-web' ? 'web' : 'node'] ??
        ort.env.versions['common'] ??
        'unknown';
      return { ort, runtime: { name, version, reason: wanted ? 'asked for' : REASONS[name] } };
    } catch (error) {
      faults.push(`${name}: ${messageOf(error).split('\n')[0]}`);
    }
  }
  throw new GateError(
    `An ONNX file is run to be measured: expected ${wanted ?? 'onnxruntime-web or onnxruntime-node'} to be installed, found neither to load (${faults.join('; ')}). Run \`npm install --save-dev onnxruntime-web\`.`,
  );
}

const REASONS: Readonly<Record<RuntimeName, string>> = {
  'onnxruntime-node': 'it is installed, and faster than WebAssembly',
  'onnxruntime-web': 'WebAssembly runs on every machine; onnxruntime-node is not installed',
};

/** A message of protobuf that follows another adds to its lists: so values between become outputs, with nothing else changed. */
function watching({ bytes }: OnnxFile, names: readonly string[]): Uint8Array {
  if (names.length === 0) return bytes;
  const more = onnx.encode('ModelProto', { graph: { output: names.map((name) => ({ name })) } });
  return Buffer.concat([bytes, more]);
}

function dimsOf(
  { size: [height, width, channels], layout }: SessionOptions['images'],
  count: number,
): number[] {
  return layout === 'first' ? [count, channels, height, width] : [count, height, width, channels];
}

/** The parts of all batches as one, without what fills the last batch up. */
function join(
  parts: readonly OrtTensor[],
  count: number,
  step: number,
  { file }: OnnxFile,
  name: string,
): Watched {
  const arrays = parts.map(({ type, data, dims }) => {
    if (data instanceof Float32Array && dims[0] === step) return data;
    throw new GateError(
      `${file}: its value "${name}" is of type ${type} and ${dims.join(' x ')}: expected float32 with one row for each of ${step} images. Export the network with a free batch.`,
    );
  });
  const size = arrays[0]!.length / step;
  const values = new Float32Array(parts.length * step * size);
  arrays.forEach((array, i) => values.set(array, i * step * size));
  return { dims: [count, ...parts[0]!.dims.slice(1)], values: values.subarray(0, count * size) };
}

function refused({ file, producer }: OnnxFile, { name, version }: Runtime, error: unknown): GateError {
  return new GateError(
    `${file} (written by ${producer}) cannot be run by ${name} ${version}: ${messageOf(error).split('\n')[0]}. Export it anew, with an opset that this runtime knows.`,
  );
}
