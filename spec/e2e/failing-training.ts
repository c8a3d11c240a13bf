import { Command } from '@commander-js/extra-typings';
import { selectBackend } from '../../src/backend/select.ts';
import { runCommand } from '../../src/cli/run.ts';
import { createNativeEngine, nativeModelOf } from '../../src/engine/native/engine.ts';
import { DATA, EVERYTHING, freshModel, POOLED, SEED, takeSteps } from '../kernels/native-networks.ts';

/** A command that trains on three threads, the second of which fails. */
const train = new Command('train').action(async () => {
  await selectBackend({ force: 'wasm' });
  const native = nativeModelOf(freshModel(POOLED));
  if ('reason' in native) throw new Error(native.reason);
  const engine = createNativeEngine({
    native,
    recipe: EVERYTHING,
    seed: SEED,
    threads: 3,
    train: DATA.train,
    threadFile: {
      url: new URL('./failing-thread.ts', import.meta.url),
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    },
  });
  try {
    await engine.ready;
    takeSteps(engine, EVERYTHING, 10_000);
  } finally {
    engine.dispose();
  }
});

await runCommand(train, []);
