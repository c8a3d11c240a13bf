/**
 * The public door: what a project needs to gate its own `tf.LayersModel` on its own data, with the matchers, the reporter
 * and the summary of this one. `codecodecode/matchers` gives `expect` the matchers, `codecodecode/reporter` is the
 * reporter alone, for a vitest.config that should not load tfjs.
 *
 * @module codecodecode
 */

export { selectBackend, type Backend, type SelectOptions } from './backend/select.ts';
export { registerTrainingKernels } from './backend/register.ts';
export { makeDataset } from './data/check-dataset.ts';
export type { Dataset, ImageSet } from './data/dataset.ts';
export { loadMnist, type MnistOptions } from './data/mnist.ts';
export type { PixelStatistics } from './data/normalize.ts';
export { datasetOfNumpy, type NumpyOptions } from './data/numpy.ts';
export { datasetOfPngs, type PngFolderOptions } from './data/png-folder.ts';
export { ExitCode, GateError } from './errors.ts';
export type { TargetOptions } from './gates/declare.ts';
export type { Learning, Window } from './gates/stock-targets.ts';
export type { Target, Verdict } from './gates/verdict.ts';
export { defineIteration, type Iteration } from './iterations/define.ts';
export { type Columns, type Curve, type CurveEpoch } from './logs/curve.ts';
export { evidenceOfOnnx, type OnnxOptions } from './elsewhere/evidence.ts';
export { modelOfSafetensors, modelToOnnx, modelToSafetensors } from './exchange/of-model.ts';
export { tfjsFilesOf, type TfjsFiles } from './exchange/tfjs.ts';
export { readCurve } from './logs/read.ts';
export type { GateMatchers } from './matchers/gate-matchers.ts';
export { matchers } from './matchers/matchers.ts';
export { buildModel } from './model/build.ts';
export { layerCosts } from './model/cost.ts';
export type { Layer, Network } from './model/layers.ts';
export { networkOf, type ReadModel } from './model/network-of.ts';
export { receptiveFieldTable } from './model/geometry.ts';
export { printReceptiveField } from './model/receptive-field.ts';
export { classify, type Classified, type LabelledTensor } from './own-model/classify.ts';
export { recordEpochs, type EpochRecorder, type LabelledData } from './own-model/epoch-recorder.ts';
export { evidenceOf, type TrainedModel } from './own-model/evidence.ts';
export type { Epoch, Evidence, LayerCost, LayerRow, OutputKind, RunRecord } from './record.ts';
export type { Augmentation, Recipe, Schedule } from './recipe/recipe.ts';
export { gateReporter } from './reporter.ts';
export type { GateReporterOptions } from './report/settings.ts';
export type { Summary } from './report/summary.ts';
export { obtainEvidence } from './study/evidence.ts';
export type { EvidenceOptions } from './training/evidence.ts';
export type { Progress } from './training/train.ts';
export { fit, type Fitted, type FitOptions, trainNetwork as train } from './own-model/fit.ts';
