import { engineIdentity } from '../../../src/engine/choose.ts';
import { GateError, messageOf } from '../../../src/errors.ts';
import { buildModel } from '../../../src/model/build.ts';
import { graphOf } from '../../../src/model/graph.ts';
import { layerCosts, total } from '../../../src/model/cost.ts';
import type { Network } from '../../../src/model/layers.ts';
import { fieldsOf } from '../../../src/model/steps.ts';
import { agreementOf, isAgreement, worstOf } from '../../../spec/corpus/agreement.ts';
import type { CorpusEntry } from '../../../spec/corpus/corpus.ts';
import { networkOfTokens } from '../../../spec/corpus/tokens.ts';

/** What was found out about one network of a corpus. */
export interface Row {
  readonly entry: CorpusEntry;
  /** Why plain data cannot say it; absent: it can. */
  readonly refusal?: string;
  readonly parameters?: number;
  readonly multiplyAdds?: number;
  /** Undefined too where the field is not known. */
  readonly beforeHead?: number;
  readonly field?: number;
  /** Why the native engine does not train it; absent: it does. */
  readonly plain?: string;
  /** What the native engine broke on; absent: nothing. */
  readonly failure?: string;
  /** Largest relative difference of a loss from the oracle's, see `worstOf`; absent: not asked for. */
  readonly worst?: number;
  /** Whether that is agreement: see `agreementOf`. */
  readonly agrees?: boolean;
}

/** Reads, builds and measures a network; with `trains` it is trained for three steps by both engines. A tfjs backend must be selected. */
export async function rowOf(entry: CorpusEntry, trains: boolean): Promise<Row> {
  try {
    const network = networkOfTokens(entry);
    const fields = fieldsOf(graphOf(network));
    const model = buildModel(network);
    const { parameters, multiplyAdds } = total(layerCosts(model));
    const engine = engineIdentity({ backend: { name: 'wasm' }, model });
    model.dispose();
    const isNative = engine.name === 'wasm';
    return {
      entry,
      ...(parameters.known ? { parameters: parameters.value } : {}),
      ...(multiplyAdds.known ? { multiplyAdds: multiplyAdds.value } : {}),
      ...(fields.known ? { beforeHead: fields.value.beforeHead, field: fields.value.field } : {}),
      ...(isNative ? {} : { plain: engine.reason }),
      ...(isNative && trains ? await trained(network) : {}),
    };
  } catch (error) {
    if (error instanceof GateError) return { entry, refusal: error.message };
    throw error;
  }
}

/** A network that breaks the engine is one row, not the end of all. */
async function trained(network: Network): Promise<Pick<Row, 'worst' | 'agrees' | 'failure'>> {
  try {
    const found = await agreementOf(network);
    return { worst: worstOf(found), agrees: isAgreement(found) };
  } catch (error) {
    return { worst: Number.NaN, agrees: false, failure: messageOf(error) };
  }
}
