import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { LayersModel } from '@tensorflow/tfjs-layers';

export interface Fingerprinted {
  readonly model: LayersModel;
  /** Plain data. */
  readonly recipe: object;
  readonly dataSha256: string;
  readonly engine: { readonly name: string; readonly version: string };
}

/**
 * SHA-256 of what a run's figures follow from, but for the seed: the built model's layers (not their names) and what each reads, the recipe,
 * the data and the engine's version. Source text plays no part: a comment changes nothing, a channel does.
 */
export function fingerprintOf({ model, recipe, dataSha256, engine }: Fingerprinted): string {
  const { name, version } = engine;
  return sha256OfJson({ layers: layersOf(model), recipe, data: dataSha256, engine: { name, version } });
}

/** What a model's fingerprint is made of: its layers without their names, and what each reads. */
export function layersOf(model: LayersModel): readonly object[] {
  return model.layers.map((layer, i) => {
    const { name: _, ...config } = layer.getConfig();
    const reads = layer.inboundNodes.map(({ inboundLayers }) =>
      inboundLayers.map((before) => model.layers.indexOf(before)),
    );
    // In a chain each layer reads the one before it.
    const chained = i === 0 || isDeepStrictEqual(reads, [[i - 1]]);
    return { kind: layer.getClassName(), config, ...(chained ? {} : { reads }) };
  });
}

/** SHA-256 of a value as JSON with sorted keys: the order in which an object was written does not matter. */
export function sha256OfJson(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, entry]) => [key, sorted(entry)]),
  );
}
