import { dropout } from './3-dropout.ts';
import { defineIteration } from './define.ts';

export const augmentation = defineIteration({
  ...dropout,
  id: '4-augmentation',
  name: 'Augmentation',
  concept: 'more varied training data',
  why: 'Digits of the test set lean in ways that the training set does not show: turning, scaling and shifting the training images makes the task harder to train and the test images more familiar.',
  recipe: { ...dropout.recipe, augmentation: { rotation: 15, scale: 0.1, shift: 1 } },
});
