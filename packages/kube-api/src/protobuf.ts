import { badRequest, unsupportedMediaType } from './status.ts';
import type { JsonObject, JsonValue } from './types.ts';

/** What a field number means: its name, and the message it holds when it is one. */
type Field = [name: string, kind: 'text' | 'texts' | 'number' | 'flag' | Message];
interface Message {
  [number: number]: Field;
}

const resourceAttributes: Message = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
};
const nonResourceAttributes: Message = { 1: ['path', 'text'], 2: ['verb', 'text'] };
const access: Message = {
  1: ['resourceAttributes', resourceAttributes],
  2: ['nonResourceAttributes', nonResourceAttributes],
};

/** Field numbers as generated.proto of k8s.io/api and apimachinery assign them. */
const messages: { [kind: string]: Message } = {
  SelfSubjectReview: {},
  SelfSubjectAccessReview: { 2: ['spec', access] },
  SelfSubjectRulesReview: { 2: ['spec', { 1: ['namespace', 'text'] }] },
  SubjectAccessReview: {
    2: ['spec', { ...access, 3: ['user', 'text'], 4: ['groups', 'texts'], 6: ['uid', 'text'] }],
  },
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'number'],
    2: ['preconditions', { 1: ['uid', 'text'], 2: ['resourceVersion', 'text'] }],
    3: ['orphanDependents', 'flag'],
    4: ['propagationPolicy', 'text'],
    5: ['dryRun', 'texts'],
  },
};

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
const envelope: Message = { 1: ['typeMeta', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }] };

/**
 * The few kinds that clients send as protobuf whatever the server would like: reviews and delete
 * options.
 * @throws ApiError 415 for other kinds, 400 for bytes that are no message
 */
export function decodeProtobuf(bytes: Buffer): JsonObject {
  if (bytes.compare(MAGIC, 0, 4, 0, Math.min(4, bytes.length)) !== 0) {
    throw badRequest('the body is not a Kubernetes protobuf message');
  }
  const outer = bytes.subarray(4);
  const { typeMeta } = decode(outer, envelope) as {
    typeMeta?: { apiVersion?: string; kind?: string };
  };
  const kind = typeMeta?.kind ?? '';
  if (!Object.hasOwn(messages, kind)) {
    throw unsupportedMediaType(['application/json', 'application/yaml']);
  }
  const raw = rawField(outer);
  return { apiVersion: typeMeta?.apiVersion, kind, ...decode(raw, messages[kind]!) };
}

/** Field 2 of the envelope: the message itself. */
function rawField(bytes: Buffer): Buffer {
  let found = Buffer.alloc(0);
  walk(bytes, (number, value) => {
    if (number === 2 && Buffer.isBuffer(value)) found = Buffer.from(value);
  });
  return found;
}

function decode(bytes: Buffer, message: Message): JsonObject {
  const object: JsonObject = {};
  walk(bytes, (number, value) => {
    const field = message[number];
    if (field === undefined) return;
    const [name, kind] = field;
    if (kind === 'number' || kind === 'flag') {
      if (typeof value === 'number') object[name] = kind === 'flag' ? value !== 0 : value;
    } else if (Buffer.isBuffer(value)) {
      if (kind === 'text') object[name] = value.toString('utf8');
      else if (kind === 'texts')
        object[name] = [...((object[name] as JsonValue[]) ?? []), value.toString('utf8')];
      else object[name] = decode(value, kind);
    }
  });
  return object;
}

function walk(bytes: Buffer, field: (number: number, value: number | Buffer) => void): void {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw badRequest('the body is not a well-formed protobuf message');
  };
  while (at < bytes.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) field(Math.floor(tag / 8), varint());
    else {
      const length = wire === 2 ? varint() : wire === 5 ? 4 : wire === 1 ? 8 : -1;
      if (length < 0 || at + length > bytes.length) {
        throw badRequest('the body is not a well-formed protobuf message');
      }
      if (wire === 2) field(Math.floor(tag / 8), bytes.subarray(at, at + length));
      at += length;
    }
  }
}
