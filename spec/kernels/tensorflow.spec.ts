import { describeGradients } from './kernels.cases.ts';
import { describeOnTensorFlow } from './tensorflow.ts';

describeOnTensorFlow('tfjs-node', () => describeGradients('tensorflow'));
