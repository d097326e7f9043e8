/** The file format of `generated/*.json`: a message is "name:type name:type ...", see `parseField`. */
export type TableFile = {
  names: string[];
  messages: string[];
  enums: string[];
  frozen?: number[];
};

export type Kind = 'b' | 's' | 'y' | 'i' | 'I' | 'u' | 'U' | 'f' | 'd' | 'e' | 'm';

export type Field = {
  name: string;
  order: number;
  kind: Kind;
  /** The message or enum of kinds `m` and `e`. */
  type: number;
  shape: 'one' | 'list' | 'map';
  mapKey: Kind;
  oneof: number;
  /** Keeps an explicit default value: a oneof member or an `optional` field. */
  present: boolean;
};

export type Message = { name: string; fields: Map<string, Field>; ordered: Field[] };

export type Enum = { name: string; byName: Map<string, number>; byNumber: Map<number, string> };

export type Schema = {
  message: (type: number) => Message;
  enum: (type: number) => Enum;
  find: (name: string) => number | undefined;
  isFrozen: (type: number) => boolean;
};

const fieldText =
  /^(?<proto>[^:]+):(?:\{(?<key>\w)\})?(?<kind>[a-zA-Z])(?<type>\d*)(?<list>\*)?(?:@(?<oneof>\d+))?(?<optional>\?)?$/;

function camel(name: string): string {
  return name.replace(/_+([a-z]?)/g, (_, letter: string) => letter.toUpperCase());
}

function parseField(text: string, order: number): Field & { proto: string } {
  const groups = fieldText.exec(text)?.groups;
  if (!groups) throw new Error(`the field table has a malformed entry "${text}"`);
  const { proto = '', key, kind, type, list, oneof, optional } = groups;
  return {
    proto,
    name: camel(proto),
    order,
    kind: kind as Kind,
    type: Number(type || 0),
    shape: key ? 'map' : list ? 'list' : 'one',
    mapKey: (key ?? 's') as Kind,
    oneof: oneof === undefined ? -1 : Number(oneof),
    present: oneof !== undefined || optional !== undefined,
  };
}

function parseMessage(name: string, text: string): Message {
  const fields = new Map<string, Field>();
  const ordered: Field[] = [];
  for (const [order, entry] of (text === '' ? [] : text.split(' ')).entries()) {
    const { proto, ...field } = parseField(entry, order);
    ordered.push(field);
    fields.set(proto, field);
    fields.set(field.name, field);
  }
  return { name, fields, ordered };
}

function parseEnum(text: string): Enum {
  const [name = '', ...values] = text.split(' ');
  const byName = new Map<string, number>();
  const byNumber = new Map<number, string>();
  for (const value of values) {
    const [key = '', number = ''] = value.split('=');
    byName.set(key, Number(number));
    if (!byNumber.has(Number(number))) byNumber.set(Number(number), key);
  }
  return { name, byName, byNumber };
}

/** Reads a table; messages are parsed when first used. */
export function createSchema(file: TableFile): Schema {
  const messages: Message[] = [];
  const enums: Enum[] = [];
  const frozen = new Set(file.frozen);
  let index: Map<string, number> | undefined;
  return {
    message: (type) =>
      (messages[type] ??= parseMessage(file.names[type] ?? '', file.messages[type] ?? '')),
    enum: (type) => (enums[type] ??= parseEnum(file.enums[type] ?? '')),
    find: (name) => {
      index ??= new Map(file.names.map((known, type) => [known, type]));
      return index.get(name);
    },
    isFrozen: (type) => frozen.has(type),
  };
}
