import { badRequest, unsupportedMediaType } from '../status.ts';
import type { JsonObject, JsonValue } from '../types.ts';
import tables from './generated/messages.json' with { type: 'json' };
import { type Wire, walkFields } from './wire.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** [JSON name, type, flags]: r repeated, m map, p pointer (zero counts), i inlined. */
type Message = { [number: string]: string[] };

const messages = tables.messages as unknown as { [type: string]: Message };
const kinds = tables.kinds as { [kind: string]: string };

const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/**
 * A body in Kubernetes' protobuf encoding, which typed clients prefer for its own kinds, as the
 * JSON it stands for.
 * @throws ApiError 415 for kinds whose messages are not known, 400 for bytes that are no message
 */
export function decodeProtobuf(bytes: Buffer): JsonObject {
  if (bytes.length < 4 || !bytes.subarray(0, 4).equals(MAGIC)) {
    throw badRequest('the body is not a Kubernetes protobuf message');
  }
  let apiVersion = '';
  let kind = '';
  let raw: Buffer = Buffer.alloc(0);
  walkFields(bytes.subarray(4), (number, value) => {
    if (number === 2 && Buffer.isBuffer(value)) raw = value;
    if (number !== 1 || !Buffer.isBuffer(value)) return;
    walkFields(value, (inner, text) => {
      if (inner === 1) apiVersion = String(text);
      if (inner === 2) kind = String(text);
    });
  });
  const type = own(kinds, `${apiVersion} ${kind}`) ?? own(kinds, `* ${kind}`);
  if (type === undefined) throw unsupportedMediaType(['application/json', 'application/yaml']);
  return { apiVersion, kind, ...decodeMessage(raw, type, 0) };
}

const own = <T>(table: { [key: string]: T }, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

const MAX_DEPTH = 60;

function decodeMessage(bytes: Buffer, type: string, depth: number): JsonObject {
  if (depth > MAX_DEPTH) throw badRequest(`the body is nested deeper than ${MAX_DEPTH} messages`);
  const message = messages[type]!;
  const object: JsonObject = {};
  walkFields(bytes, (number, wire) => {
    const field = own(message, String(number));
    if (field === undefined) return;
    const [name = '', inner = '', flags = ''] = field;
    if (flags.includes('m')) {
      const entry = decodeEntry(wire, inner, flags, depth);
      if (entry.key === '__proto__')
        throw badRequest('the key "__proto__" is not accepted in a body');
      const map = (object[name] ??= {}) as JsonObject;
      map[entry.key] = entry.value;
      return;
    }
    const value = decodeValue(wire, inner, depth);
    if (flags.includes('i')) Object.assign(object, value);
    else if (flags.includes('r')) ((object[name] ??= []) as JsonValue[]).push(value ?? null);
    else if (flags.includes('p') || !isZero(value)) object[name] = value;
  });
  return object;
}

function decodeEntry(
  wire: Wire,
  type: string,
  flags: string,
  depth: number,
): { key: string; value: JsonValue | undefined } {
  let key = '';
  let value: JsonValue | undefined = flags.endsWith('r')
    ? []
    : type === 'string' || type === 'bytes'
      ? ''
      : undefined;
  if (Buffer.isBuffer(wire)) {
    walkFields(wire, (number, inner) => {
      if (number === 1) key = String(inner);
      else value = decodeValue(inner, type, depth);
    });
  }
  return { key, value };
}

/** What Go leaves out of JSON (`omitempty`) although it writes it to protobuf. */
const isZero = (value: JsonValue | undefined): boolean =>
  value === undefined ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

function decodeValue(wire: Wire, type: string, depth: number): JsonValue | undefined {
  if (!Buffer.isBuffer(wire)) {
    if (type === 'bool') return wire !== 0;
    return type === 'int' || type === 'float' ? wire : undefined;
  }
  switch (type) {
    case 'string':
      return wire.toString('utf8');
    case 'bytes':
    case 'byte':
      return wire.toString('base64');
    case 'float':
      return wire.length === 8 ? wire.readDoubleLE() : undefined;
    case 'Time':
      return timeOf(wire, 0);
    case 'MicroTime':
      return timeOf(wire, 6);
    case 'Quantity':
      return String(fieldsOf(wire).get(1) ?? '');
    case 'IntOrString': {
      const fields = fieldsOf(wire);
      return fields.get(1) === 1 ? String(fields.get(3) ?? '') : Number(fields.get(2) ?? 0);
    }
    case 'Raw':
      return jsonOf(fieldsOf(wire).get(1));
    default:
      return unwrapList(decodeMessage(wire, type, depth + 1));
  }
}

/** A named list of Go is a message whose field 1 has no name. */
const unwrapList = (object: JsonObject): JsonValue =>
  Array.isArray(object['']) ? object[''] : object;

function fieldsOf(bytes: Buffer): Map<number, Wire> {
  const fields = new Map<number, Wire>();
  walkFields(bytes, (number, value) => fields.set(number, value));
  return fields;
}

function timeOf(bytes: Buffer, digits: number): string | undefined {
  const fields = fieldsOf(bytes);
  const seconds = Number(fields.get(1) ?? 0);
  const nanos = Number(fields.get(2) ?? 0);
  if (seconds === 0 && nanos === 0) return undefined;
  const whole = new Date(seconds * 1000);
  if (Number.isNaN(whole.getTime())) throw badRequest('the body holds a time out of range');
  const base = whole.toISOString().slice(0, 19);
  return digits === 0 ? `${base}Z` : `${base}.${String(nanos).padStart(9, '0').slice(0, digits)}Z`;
}

function jsonOf(bytes: Wire | undefined): JsonValue | undefined {
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as JsonValue;
  } catch {
    throw badRequest('the body holds JSON that is not well formed');
  }
}
