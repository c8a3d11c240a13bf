import type { Data, Operator, Use } from '../value.ts';

export const add: Operator = (use) => {
  const inputs = all(use);
  if (inputs === undefined) return 'adds a constant';
  const differs = inputs.find(({ layout, shape }) => shape?.length === 3 && layout !== inputs[0]!.layout);
  return differs ? 'adds maps of different layouts' : use.emit({ type: 'add', from: inputs });
};

export const concatenate: Operator = (use) => {
  const inputs = all(use);
  const [first] = inputs ?? [];
  if (inputs === undefined || first?.shape === undefined) return 'joins a constant to what it reads';
  const rank = first.shape.length + 1;
  const axis = (use.number('axis', 1) + rank) % rank;
  const channels = rank === 2 || first.layout === 'first' ? 1 : rank - 1;
  if (inputs.some(({ layout }) => rank === 4 && layout !== first.layout))
    return 'joins maps of different layouts';
  return axis === channels
    ? use.emit({ type: 'concatenate', from: inputs })
    : `joins along axis ${axis}, not along the channels`;
};

function all(use: Use): readonly Data[] | undefined {
  const inputs = use.node.inputs.map((_, i) => use.data(i));
  return inputs.every((input) => input !== undefined) ? inputs : undefined;
}
