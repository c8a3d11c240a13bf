/** The part of the AssemblyScript compiler's program that is read here. */
export interface Program {
  readonly filesByName: ReadonlyMap<string, { readonly exports: ReadonlyMap<string, Exported> | null }>;
}

interface Exported {
  readonly declaration: {
    readonly signature: { readonly parameters: readonly { readonly name: { readonly text: string } }[] };
  };
  readonly instances: ReadonlyMap<string, { readonly signature: Signature }> | null;
}

interface Signature {
  readonly parameterTypes: readonly Type[];
  readonly returnType: Type;
}

interface Type {
  toString(): string;
  readonly classReference: Class | null;
}

interface Class {
  readonly name: string;
  readonly nextMemoryOffset: number;
  readonly members: ReadonlyMap<string, { readonly instance?: Property | null }> | null;
}

interface Property {
  readonly memoryOffset: number;
  readonly type: Type;
}

/** What kernels.wasm shows to the outside. */
export interface Surface {
  readonly functions: readonly ExportedFunction[];
  readonly descriptors: readonly Descriptor[];
}

export interface ExportedFunction {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly result: string;
  /** When it runs: see `assembly/kernel.ts`; undefined: a function that is called by hand. */
  readonly kind?: 'block' | 'once';
  readonly descriptor?: string;
}

export interface Descriptor {
  readonly name: string;
  readonly bytes: number;
  readonly fields: readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly type: FieldType;
}

export const FIELD_TYPES = ['i32', 'u32', 'usize', 'f32', 'f64'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** Parameters after the descriptor. */
const KINDS = { block: 'block live shard thread', once: 'thread threads' } as const;

/** Exports and descriptors of a compiled program. Throws where a descriptor's field or a kernel's signature is not as `assembly/kernel.ts` has it. */
export function surfaceOf(program: Program): Surface {
  const exported = program.filesByName.get('assembly/index')?.exports;
  if (!exported) throw new Error('assembly/index.ts exports nothing');
  const descriptors = new Map<string, Descriptor>();
  const functions = [...exported].map(([name, element]): ExportedFunction => {
    const signature = element.instances?.get('')?.signature;
    if (signature === undefined)
      throw new Error(`assembly/index.ts exports ${name}, which is not a function`);
    const parameters = signature.parameterTypes.map((type, i) => ({
      name: element.declaration.signature.parameters[i]!.name.text,
      type: type.toString(),
    }));
    const result = signature.returnType.toString();
    const described = signature.parameterTypes[0]?.classReference;
    if (!described) return { name, parameters, result };
    descriptors.set(described.name, descriptorOf(described));
    const rest = parameters.slice(1);
    const kind = (['block', 'once'] as const).find(
      (each) => KINDS[each] === rest.map((p) => p.name).join(' '),
    );
    if (kind === undefined || rest.some(({ type }) => type !== 'i32') || result !== 'void') {
      throw new Error(
        `${name} takes a descriptor, but neither (${KINDS.block}) nor (${KINDS.once}) after it`,
      );
    }
    return { name, parameters, result, kind, descriptor: described.name };
  });
  return { functions: sorted(functions), descriptors: sorted([...descriptors.values()]) };
}

function descriptorOf({ name, members, nextMemoryOffset }: Class): Descriptor {
  const fields = [...(members ?? [])].flatMap(([field, member]): Field[] => {
    if (!member.instance) return [];
    const { memoryOffset, type } = member.instance;
    const known = FIELD_TYPES.find((each) => each === type.toString());
    if (known === undefined)
      throw new Error(`${name}.${field} is of type ${type}: expected one of ${FIELD_TYPES.join(', ')}`);
    return [{ name: field, offset: memoryOffset, type: known }];
  });
  return { name, bytes: Math.ceil(nextMemoryOffset / 8) * 8, fields };
}

function sorted<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
