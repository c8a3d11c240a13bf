export { activate, activateGradient } from './activation';
export { meet } from './barrier';
export { finishGradientMoments, finishMoments, normalizeGradient, sumMoments, useMoving } from './batch-norm';
export { convolve, filterGradient, foldLanes, turnWeights } from './convolution';
export { layImage } from './images';
export { crossEntropy } from './loss';
export { addFloats, average, clear, descend } from './optimizer';
export { multiplyAdds } from './peak';
export {
  winogradConvolve,
  winogradGradients,
  winogradScratch,
  winogradTurn,
  winogradWeightGradient,
  winogradWeights,
} from './winograd';
