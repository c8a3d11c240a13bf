/** Piecewise linear in the number of epochs done, per step; before the first and after the last point it is constant. */
export interface LinearSchedule {
  readonly type: 'linear';
  /** [epochs done, learning rate], in rising order of epochs. */
  readonly points: readonly (readonly [epochs: number, learningRate: number])[];
}

/** `initial` x `factor` for every `every` epochs done. */
export interface StepSchedule {
  readonly type: 'step';
  readonly initial: number;
  readonly factor: number;
  readonly every: number;
}

export interface ConstantSchedule {
  readonly type: 'constant';
  readonly learningRate: number;
}

export type Schedule = LinearSchedule | StepSchedule | ConstantSchedule;

/** Random changes of a training image; every quantity is uniform and symmetric around "no change". */
export interface Augmentation {
  /** Rotation, at most this many degrees either way. */
  readonly rotation: number;
  /** Scale, at most this fraction larger or smaller. */
  readonly scale?: number;
  /** Shift in x and in y, at most this many pixels either way. */
  readonly shift?: number;
}

/** Everything about a training run but the network, the data and the seed. Plain data: it is fingerprinted. */
export interface Recipe {
  readonly epochs: number;
  readonly batch: number;
  readonly schedule: Schedule;
  /** Momentum of SGD: v = momentum x v + g; w = w - learning rate x v. */
  readonly momentum: number;
  /** Added to the gradient of every trainable weight: g + weightDecay x w. */
  readonly weightDecay: number;
  readonly labelSmoothing?: number;
  readonly augmentation?: Augmentation;
  /** Exponential moving average of the weights per step, decay min(`decay`, (1 + t) / (10 + t)); absent: none. */
  readonly weightAveraging?: { readonly decay: number };
}
