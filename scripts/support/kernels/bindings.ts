import type { Descriptor, ExportedFunction, Surface } from './surface.ts';

/** The source text of `src/engine/native/bindings.ts`. */
export function bindingsOf({ functions, descriptors }: Surface, sources: string): string {
  const ofKind = (kind: ExportedFunction['kind']) => functions.filter((each) => each.kind === kind);
  return `/** Written by \`npm run build:kernels\` out of assembly/: not by hand, and not committed. */

/** SHA-256 of the sources, as kernels.wasm has it in its section "sources". */
export const SOURCES = '${sources}';

/** Descriptors of kernels: bytes, and the offset and type of each field. */
export const descriptors = {
${descriptors.map(descriptorText).join('\n')}
} as const;

/** Kernels that run for each block, and the descriptors that they take. */
export const blockKernels = {
${ofKind('block').map(kernelText).join('\n')}
} as const;

/** Kernels that run once, and the descriptors that they take. */
export const onceKernels = {
${ofKind('once').map(kernelText).join('\n')}
} as const;

/** The exports of \`assembly/index.ts\`; addresses are bytes into the memory that the module was given. */
export interface Kernels {
${functions.map(functionText).join('\n')}
}
`;
}

function descriptorText({ name, bytes, fields }: Descriptor): string {
  const lines = fields.map((field) => `      ${field.name}: [${field.offset}, '${field.type}'],`);
  return `  ${name}: {\n    bytes: ${bytes},\n    fields: {\n${lines.join('\n')}\n    },\n  },`;
}

function kernelText({ name, descriptor }: ExportedFunction): string {
  return `  ${name}: '${descriptor}',`;
}

function functionText({ name, parameters, result }: ExportedFunction): string {
  const list = parameters.map((parameter) => `${parameter.name}: number`).join(', ');
  return `  ${name}(${list}): ${result === 'void' ? 'void' : 'number'};`;
}
