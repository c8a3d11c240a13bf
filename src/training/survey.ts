import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backend } from '../backend/select.ts';
import { MNIST_SHA256 } from '../data/mnist.ts';
import { engineIdentity } from '../engine/choose.ts';
import type { Iteration } from '../iterations/define.ts';
import { modelFacts } from '../model/facts.ts';
import type { RunRecord } from '../record.ts';
import { fingerprintOf } from './fingerprint.ts';
import { whyStale } from './stale.ts';
import { readRecords } from './store.ts';

/** Which records of an iteration still fit, and which seeds have one that no longer does. */
export interface Survey {
  readonly fitting: readonly RunRecord[];
  readonly staleSeeds: readonly number[];
  /** What computes on this backend today. */
  readonly engine: RunRecord['engine'];
  /** What changed since the first record that does not fit, or that there is none; one line. */
  readonly why: string;
}

/** Looks through `folder` for the records of `iteration`, whose built model is `model`; MNIST unless `dataSha256` says otherwise. */
export function survey(
  iteration: Iteration,
  request: {
    readonly model: LayersModel;
    readonly folder: string;
    readonly backend: Pick<Backend, 'name'>;
    readonly dataSha256?: string | undefined;
  },
): Survey {
  const { model, backend, folder, dataSha256 = MNIST_SHA256 } = request;
  const { recipe } = iteration;
  const { name, version } = engineIdentity({ backend, model });
  const engine = { name, version };
  const fingerprint = fingerprintOf({ model, recipe, dataSha256, engine });
  const records = readRecords(folder, iteration.id, backend.name);
  const [fitting, stale] = [
    records.filter((record) => record.fingerprint === fingerprint),
    records.filter((record) => record.fingerprint !== fingerprint),
  ];
  const [first] = stale;
  const why = first
    ? `its record no longer fits: ${whyStale(first, { model: modelFacts(model), recipe, dataSha256, engine }).join('; ')}`
    : 'it has no record yet';
  return { fitting, staleSeeds: stale.map(({ seed }) => seed), engine, why };
}

/** WASM's records where one fits, whatever the backend; else the backend's own. */
export function surveyWasmFirst(...[iteration, request]: Parameters<typeof survey>): Survey {
  const wasm = survey(iteration, { ...request, backend: { name: 'wasm' } });
  if (request.backend.name === 'wasm' || wasm.fitting.length > 0) return wasm;
  const own = survey(iteration, request);
  return own.fitting.length > 0 || wasm.staleSeeds.length === 0 ? own : wasm;
}
