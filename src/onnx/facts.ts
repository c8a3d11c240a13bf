import { type Fact, known, mapFact, sumOf, unknown } from '../fact.ts';
import { fieldsOver, type Fields, type Step } from '../model/receptive-field.ts';
import { type Axis, stepOf } from '../model/steps.ts';
import { opOf } from '../ops/index.ts';
import type { Shape } from '../ops/op.ts';
import type { Field, LayerCost, ModelFacts } from '../record.ts';
import { namesOf } from './network.ts';
import type { ReadOnnx } from './read.ts';
import type { Draft, Said } from './value.ts';

/**
 * Parameters, multiply-adds and receptive field of an ONNX file. An operator that is not known makes unknown what depends on
 * it; `folded` are the layers into which the exporter has folded a batch norm: how many weights were trained is then unknown.
 */
export function factsOfOnnx(read: ReadOnnx, folded: readonly string[] = []): ModelFacts {
  const layers = costsOf(read.drafts);
  const down = fieldsOf(read, 'height');
  const across = fieldsOf(read, 'width');
  const count = (of: (cost: LayerCost) => number): Fact => {
    const reason = `the exporter folded a batch norm into ${folded.slice(0, 3).join(', ')}${folded.length > 3 ? ` and ${folded.length - 3} more` : ''}: its weights are no longer there to be counted. ${UNFOLDED}`;
    return folded.length > 0 ? unknown(reason) : known(layers.reduce((sum, cost) => sum + of(cost), 0));
  };
  return {
    parameters: count(({ parameters }) => parameters),
    allParameters: count(({ allParameters }) => allParameters),
    multiplyAdds: sumOf(layers.map(({ multiplyAdds }) => multiplyAdds)),
    receptiveField: alongBoth(down, across, ({ field }) => field),
    receptiveFieldBeforeHead: alongBoth(down, across, ({ beforeHead }) => beforeHead),
    receptiveFieldTable: mapFact(down, ({ table }) => [...table]),
    layers,
  };
}

/** What keeps batch norms in PyTorch's exports. */
const UNFOLDED = 'Export it with torch.onnx.export(..., dynamo=True, optimize=False)';

function costsOf(drafts: readonly Draft[]): LayerCost[] {
  const names = namesOf(drafts);
  const counted = new Set<string>();
  return drafts.map((draft, i) => {
    const held = draft.held.filter(({ name }) => !counted.has(name));
    for (const { name } of held) counted.add(name);
    const sum = (list: typeof held) => list.reduce((all, { count }) => all + count, 0);
    return {
      layer: names[i]!,
      output: [...(draft.shape ?? [])],
      parameters: sum(held.filter(({ trainable }) => trainable)),
      allParameters: sum(held),
      multiplyAdds: multiplyAddsOf(draft, names[i]!),
    };
  });
}

function multiplyAddsOf({ said, inputShapes }: Draft, name: string): Fact {
  if ('foreign' in said) {
    return said.reach === 'unknown'
      ? unknown(`what layer ${name} (${said.foreign}) costs is not known`)
      : known(0);
  }
  const op = opOf(said.type)!;
  return known(op.multiplyAdds?.(parsed(said), inputShapes as Shape[]) ?? 0);
}

function fieldsOf({ input, drafts }: ReadOnnx, axis: Axis): Fact<Fields> {
  const names = namesOf(drafts);
  const steps: Step[] = [];
  for (const [i, draft] of drafts.entries()) {
    const { said, inputShapes, shape } = draft;
    const base = { name: names[i]!, inputs: draft.from };
    if ('type' in said) {
      const op = opOf(said.type)!;
      const placed = { op, layer: parsed(said), inputShapes: inputShapes as Shape[], shape: shape! };
      steps.push({ ...base, ...stepOf(placed, axis) });
    } else if (said.reach === 'unknown') {
      return unknown(`the reach of layer ${names[i]} (${said.foreign}) is not known: it ${said.reason}`);
    } else {
      const merge = { kind: 'merge', operation: said.foreign, isMap: shape?.length === 3 } as const;
      steps.push({ ...base, isHead: false, ...(said.reach === 'merge' && { reach: merge }) });
    }
  }
  return fieldsOver(input[axis === 'height' ? 0 : 1], steps);
}

function parsed({ type, settings }: Said) {
  return opOf(type)!.schema.parse({ ...settings, type });
}

function alongBoth(down: Fact<Fields>, across: Fact<Fields>, of: (fields: Fields) => number): Fact<Field> {
  if (!across.known) return across;
  return mapFact(down, (fields) => ({ height: of(fields), width: of(across.value) }));
}
