import { expect, test } from 'vitest';
import * as door from '../../src/index.ts';

test('the public door holds these names: taking one away breaks a project that uses it', () => {
  expect(Object.keys(door).toSorted()).toEqual([
    'ExitCode',
    'GateError',
    'buildModel',
    'classify',
    'datasetOfNumpy',
    'datasetOfPngs',
    'defineIteration',
    'evidenceOf',
    'evidenceOfOnnx',
    'fit',
    'gateReporter',
    'layerCosts',
    'loadMnist',
    'makeDataset',
    'matchers',
    'modelOfSafetensors',
    'modelToOnnx',
    'modelToSafetensors',
    'networkOf',
    'obtainEvidence',
    'printReceptiveField',
    'readCurve',
    'receptiveFieldTable',
    'recordEpochs',
    'registerTrainingKernels',
    'selectBackend',
    'tfjsFilesOf',
    'train',
  ]);
});

test('the matchers of the public door hold these names', () => {
  expect(Object.keys(door.matchers).toSorted()).toEqual([
    'toEndAtOrAbove',
    'toHaveFewerParametersThan',
    'toHaveNoDeadChannels',
    'toHaveParameters',
    'toHaveReceptiveField',
    'toHaveReceptiveFieldTable',
    'toHoldTestAccuracy',
    'toLearn',
    'toNeedAtMostMultiplyAdds',
    'toNeverDropByMoreThan',
    'toOverfitByAtLeast',
    'toOverfitByAtMost',
    'toReachTrainAccuracy',
    'toStayBelowTrainAccuracy',
  ]);
});
