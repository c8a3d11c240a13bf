import { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** A model as the two files that `tf.loadLayersModel` of stock tfjs reads: its topology and its weights. */
export interface TfjsFiles {
  readonly 'model.json': string;
  readonly 'weights.bin': Uint8Array;
}

export async function tfjsFilesOf(model: LayersModel): Promise<TfjsFiles> {
  let saved: io.ModelArtifacts | undefined;
  await model.save(
    io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const { modelTopology, format, generatedBy, convertedBy, weightSpecs, weightData } = saved!;
  const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
  const json = { format, generatedBy, convertedBy: convertedBy ?? null, modelTopology, weightsManifest };
  return {
    'model.json': `${JSON.stringify(json)}\n`,
    'weights.bin': new Uint8Array(io.CompositeArrayBuffer.join(weightData as ArrayBuffer)),
  };
}
