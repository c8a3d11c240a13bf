export { activate, activateGradient } from './activation';
export { affine, affineGradient } from './affine';
export { fail, meet } from './barrier';
export { finishGradientMoments, finishMoments, normalizeGradient, sumMoments, useMoving } from './batch-norm';
export { pad, padGradient } from './border';
export { convolve, filterGradient, turnWeights } from './convolution';
export { depthwise, depthwiseGradient, turnTaps } from './depthwise';
export { dropout } from './dropout';
export { biasGradient, filterGradientOf } from './filter-gradient';
export { gather } from './gather';
export { packWeights } from './gather-weights';
export { groupNorm, groupNormGradient } from './group-norm';
export { layImage } from './images';
export { crossEntropy } from './loss';
export { add, copyChannels, turn } from './merge';
export { addFloats, clear, copy, sumSquares, updateWeights } from './optimizer';
export { multiplyAdds } from './peak';
export { pointwise, pointwiseGradient } from './pointwise';
export { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from './pool';
export { parametricRelu, parametricReluGradient } from './slopes';
export { winogradConvolve, winogradGradients, winogradScratch } from './winograd';
export { winogradPack, winogradWeightGradient, winogradWeights } from './winograd-weights';
export {
  convolveBlock,
  filterGradientBlock,
  foldSums,
  foldWinogradSumsAll,
  transformWeightsAll,
  turnWeightsAll,
  winogradBlock,
  winogradGradientsBlock,
} from './convolution-blocks';
export { crossEntropyBlock } from './head';
export {
  activateBlock,
  activateGradientBlock,
  finishGradientMomentsAll,
  finishMomentsAll,
  normalizeGradientBlock,
  sumMomentsBlock,
  useMovingAll,
} from './norm-blocks';
