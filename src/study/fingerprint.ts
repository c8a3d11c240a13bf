import type { Backend } from '../backend/select.ts';
import { engineIdentity } from '../engine/choose.ts';
import type { Iteration } from '../iterations/define.ts';
import { buildModel } from '../model/build.ts';
import { fingerprintOf } from '../training/fingerprint.ts';

/** The fingerprint that a run of `iteration` would have now, without the run. */
export function fingerprintNow(
  iteration: Iteration,
  backend: Pick<Backend, 'name'>,
  dataSha256: string,
): string {
  const model = buildModel(iteration.network, { name: iteration.id });
  try {
    const engine = engineIdentity({ backend, model });
    return fingerprintOf({ model, recipe: iteration.recipe, dataSha256, engine });
  } finally {
    model.dispose();
  }
}
