import { dropout } from './3-dropout.ts';
import { lighter } from './2-lighter.ts';
import { defineIteration } from './define.ts';

export const augmentation = defineIteration({
  ...dropout,
  id: '4-augmentation',
  name: 'Augmentation',
  concept: 'more varied training data',
  why: 'Digits of the test set lean in ways that the training set does not show: turning, scaling and shifting the training images makes the task harder to train and the test images more familiar. It keeps the network from leaning on single activations better than dropout did, which goes.',
  network: lighter.network,
  recipe: { ...dropout.recipe, augmentation: { rotation: 15, scale: 0.15, shift: 1.5 } },
});
