import {
  create,
  createFileRegistry,
  type DescMessage,
  fromBinary,
  type Message,
  toBinary,
} from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';

const SCALARS = {
  int32: Type.INT32,
  int64: Type.INT64,
  uint64: Type.UINT64,
  float: Type.FLOAT,
  double: Type.DOUBLE,
  string: Type.STRING,
  bytes: Type.BYTES,
} as const;
type Scalar = keyof typeof SCALARS;

/**
 * Fields of a message: their number and type, by the names that decoded objects have. "[]" after the type: repeated; another
 * word than a scalar's: a message of the same table. Fields that are not listed are skipped.
 */
export type MessageTable = Readonly<
  Record<string, Readonly<Record<string, readonly [number: number, type: string]>>>
>;

export interface Messages {
  /** Throws what the decoder throws: bytes are what a stranger wrote. */
  decode(message: string, bytes: Uint8Array): unknown;
  encode(message: string, value: object): Uint8Array;
}

/**
 * Messages of protobuf out of a table of the few fields that are wanted, so that no generated file of a whole schema is needed.
 * A message type that the table leaves out cannot nest without end. Numbers of 64 bits are bigints.
 */
export function defineMessages(packageName: string, table: MessageTable): Messages {
  const messageType = Object.entries(table).map(([name, fields]) => ({
    name,
    field: Object.entries(fields).map(([field, [number, type]]) => fieldOf(packageName, field, number, type)),
  }));
  const file = { name: `${packageName}.proto`, package: packageName, syntax: 'proto2', messageType };
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
  const schemaOf = (message: string): DescMessage => registry.getMessage(`${packageName}.${message}`)!;
  return {
    decode: (message, bytes) => fromBinary(schemaOf(message), bytes, { readUnknownFields: false }),
    encode(message, value) {
      const schema = schemaOf(message);
      return toBinary(schema, create(schema, value as Message));
    },
  };
}

function fieldOf(packageName: string, name: string, number: number, type: string) {
  const isRepeated = type.endsWith('[]');
  const kind = type.replace('[]', '');
  const scalar = kind in SCALARS ? SCALARS[kind as Scalar] : undefined;
  return {
    name: name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    jsonName: name,
    number,
    label: isRepeated ? Label.REPEATED : Label.OPTIONAL,
    ...(scalar === undefined
      ? { type: Type.MESSAGE, typeName: `.${packageName}.${kind}` }
      : { type: scalar }),
  };
}
