import type { LazyCommand } from '../cli/run.ts';

/** Every subcommand. They are loaded one by one: some bring Vitest or tfjs with them, which takes seconds. */
export const commands: Readonly<Record<string, LazyCommand>> = {
  train: {
    summary: 'trains one iteration and writes its record',
    load: () => import('./train.ts').then(({ train }) => train),
  },
  study: {
    summary: 'trains one iteration with many seeds',
    load: () => import('./study.ts').then(({ study }) => study),
  },
  replay: {
    summary: 'trains runs of a study again and compares them',
    load: () => import('./replay.ts').then(({ replay }) => replay),
  },
  bless: {
    summary: 'accepts a change: trains, locks, judges',
    load: () => import('./bless.ts').then(({ bless }) => bless),
  },
  targets: {
    summary: 'lists, locks or compares the targets',
    load: () => import('./targets.ts').then(({ targets }) => targets),
  },
  why: {
    summary: 'what each layer costs',
    load: () => import('./why.ts').then(({ why }) => why),
  },
  report: {
    summary: 'opens the page of the last run',
    load: () => import('./report.ts').then(({ report }) => report),
  },
  summary: {
    summary: 'writes README, results and pictures from the records',
    load: () => import('./summary.ts').then(({ summary }) => summary),
  },
  export: {
    summary: 'writes a trained network as ONNX, safetensors or tfjs',
    load: () => import('./export.ts').then(({ exportCommand }) => exportCommand),
  },
  mnist: {
    summary: 'fetches and verifies MNIST',
    load: () => import('./mnist.ts').then(({ mnist }) => mnist),
  },
  backends: {
    summary: 'the backends of this machine side by side',
    load: () => import('./backends.ts').then(({ backends }) => backends),
  },
  new: {
    summary: 'copies the last iteration under a new name',
    load: () => import('./new.ts').then(({ newCommand }) => newCommand),
  },
  init: {
    summary: 'gives a folder a gate: first network, spec, lock, CI',
    load: () => import('./init.ts').then(({ init }) => init),
  },
  matrix: {
    summary: "lays out a CI matrix from the lock's targets",
    load: () => import('./matrix.ts').then(({ matrix }) => matrix),
  },
  merge: {
    summary: 'judges what the legs of a matrix left',
    load: () => import('./merge.ts').then(({ merge }) => merge),
  },
  judge: {
    summary: 'judges a commit, executing nothing of it',
    load: () => import('./judge.ts').then(({ judge }) => judge),
  },
  action: {
    summary: 'what action.yml runs',
    load: () => import('./action.ts').then(({ action }) => action),
  },
};
