import { augmentation } from './4-augmentation.ts';
import { defineIteration } from './define.ts';

export const lrScheduler = defineIteration({
  ...augmentation,
  id: '5-lr-scheduler',
  name: 'LR scheduler',
  concept: 'stabilise the end of training',
  why: 'At a constant learning rate the test accuracy bounces: a high peak early and an early drop find a good region first and then settle in it. What weight decay takes from a weight in a step is learning rate times decay: as the rate ends small, the decay is larger.',
  recipe: {
    ...augmentation.recipe,
    schedule: {
      type: 'linear',
      points: [
        [0, 0.02],
        [1, 0.2],
        [5, 0.005],
        [15, 0.0005],
      ],
    },
    weightDecay: 5e-4,
  },
});
