import { receptiveField } from './6-receptive-field.ts';
import { defineIteration } from './define.ts';

export const weightAveraging = defineIteration({
  ...receptiveField,
  id: '7-weight-averaging',
  name: 'Weight averaging',
  concept: 'judge the average of the weights, not the last step',
  why: 'Every step of training leaves the weights somewhere around a good place: their moving average lies closer to it than any of them, so that accuracy no longer bounces while the learning rate is still high.',
  recipe: {
    ...receptiveField.recipe,
    // Left earlier, as the average looks back an epoch: what it holds at epoch 5 was learned at a low rate. Then the rate rises
    // again: weights that move on find better places, and the average settles what single steps would not.
    schedule: {
      type: 'linear',
      points: [
        [0, 0.02],
        [1, 0.2],
        [3, 0.05],
        [5, 0.008],
        [8, 0.015],
        [12, 0.008],
        [15, 0.0005],
      ],
    },
    weightAveraging: { decay: 0.999 },
  },
});
