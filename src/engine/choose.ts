import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backend } from '../backend/select.ts';
import type { ImageSet } from '../data/dataset.ts';
import type { PixelStatistics } from '../data/normalize.ts';
import { createNativeEngine, nativeModelOf, NATIVE_VERSION } from './native/engine.ts';
import type { Engine } from './engine.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { createStockEngine, STOCK_VERSION } from './stock.ts';

/** What plain operations cost differs from network to network, and of one that the engine cannot run it cannot be measured. */
const COST = 'many times slower (npm run bench:corpus)';

export interface EngineRequest {
  readonly backend: Backend;
  readonly model: LayersModel;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly train?: ImageSet;
  /** What images are normalized by (see `pixelStatistics`); absent: MNIST's. */
  readonly statistics?: PixelStatistics;
  readonly threads?: number;
}

/** What `createEngine` would make, without making it. */
export function engineIdentity({
  backend,
  model,
}: {
  readonly backend: Pick<Backend, 'name'>;
  readonly model: LayersModel;
}): {
  readonly name: Engine['name'];
  readonly version: string;
  readonly reason: string;
  /** Present where WASM's own kernels cannot run the model: which layer, and what that costs; one line. */
  readonly note?: string;
} {
  if (backend.name !== 'wasm') {
    return { name: 'tfjs', version: STOCK_VERSION, reason: `plain operations of ${backend.name}` };
  }
  const native = nativeModelOf(model);
  return 'reason' in native
    ? {
        name: 'tfjs',
        version: STOCK_VERSION,
        reason: `plain operations of WASM: ${native.reason}`,
        note: `by plain tfjs operations: ${native.reason}; ${COST}`,
      }
    : { name: 'wasm', version: NATIVE_VERSION, reason: "this project's WebAssembly kernels" };
}

/** On WASM this project's kernels where they can run the model, else plain tfjs operations. */
export function createEngine(request: EngineRequest): Engine {
  const { backend, model } = request;
  const native = backend.name === 'wasm' ? nativeModelOf(model) : undefined;
  return native === undefined || 'reason' in native
    ? createStockEngine(request)
    : createNativeEngine({ ...request, native });
}
