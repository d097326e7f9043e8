import type { Report } from '../issue.ts';
import { child } from '../path.ts';
import { isPlainObject, show } from '../shared/json.ts';
import { nearest } from '../shared/nearest.ts';
import { parseDurationNs } from './duration.ts';
import { decodeScalar } from './scalar.ts';
import type { Field, Schema } from './schema.ts';
import { wellKnown } from './well-known.ts';

/** A decoded message: set fields by their JSON name, proto defaults left out. */
export type Decoded = { [field: string]: unknown };

const maxDepth = 400;

export type Context = {
  depth?: number;
  schema: Schema;
  report: Report;
  /** Takes an unknown field: an error in Istio's own kinds, a warning inside an EnvoyFilter's patch. */
  unknownField: (path: string, message: string) => void;
  /** Makes no paths: for a first look, which is nearly always the only one. */
  pathless?: boolean;
};

const below = (ctx: Context, path: string, key: string): string =>
  ctx.pathless ? '' : child(path, key);

const item = (ctx: Context, path: string, index: number): string =>
  ctx.pathless ? '' : `${path}[${index}]`;

const isDefault = (value: unknown): boolean =>
  value === '' || value === 0 || value === false || value === undefined;

function decodeEnum(ctx: Context, type: number, raw: unknown, path: string): unknown {
  const known = ctx.schema.enum(type);
  if (raw === null) return known.byNumber.get(0) ?? 0;
  if (typeof raw === 'number' && Number.isInteger(raw) && raw === (raw | 0)) {
    return known.byNumber.get(raw) ?? raw;
  }
  if (typeof raw === 'string' && known.byName.has(raw)) {
    return known.byNumber.get(known.byName.get(raw) ?? 0);
  }
  const names = [...known.byName.keys()];
  const hint = typeof raw === 'string' ? nearest(raw, names) : undefined;
  const list = hint ? `did you mean ${hint}?` : `one of ${names.join(', ')} is needed`;
  ctx.report.error(path, `${show(raw)} is no value of this field; ${list}`);
  return undefined;
}

function decodeOne(ctx: Context, field: Field, raw: unknown, path: string): unknown {
  if (field.kind === 'm') return decodeMessage(ctx, field.type, raw, path);
  if (field.kind === 'e') return decodeEnum(ctx, field.type, raw, path);
  const scalar = decodeScalar(field.kind, raw);
  if ('value' in scalar) return scalar.value;
  ctx.report.error(path, `${show(raw)} does not fit here: ${scalar.expected} is needed`);
  return undefined;
}

function decodeList(ctx: Context, field: Field, raw: unknown, path: string): unknown {
  if (!Array.isArray(raw)) {
    ctx.report.error(path, `a list is needed, not ${show(raw)}`);
    return undefined;
  }
  if (raw.length === 0) return undefined;
  return raw.map((one, index) => decodeOne(ctx, field, one, item(ctx, path, index)));
}

function decodeMap(ctx: Context, field: Field, raw: unknown, path: string): unknown {
  if (!isPlainObject(raw)) {
    ctx.report.error(path, `a map is needed, not ${show(raw)}`);
    return undefined;
  }
  const map = new Map<string, unknown>();
  for (const key of Object.keys(raw)) {
    const at = below(ctx, path, key);
    if (field.mapKey !== 's') {
      const known = decodeScalar(field.mapKey, field.mapKey === 'b' ? key === 'true' : key);
      if ('expected' in known) {
        ctx.report.error(at, `the key ${show(key)} does not fit here: ${known.expected} is needed`);
        continue;
      }
    }
    map.set(key, decodeOne(ctx, field, raw[key], at));
  }
  return map;
}

function decodeField(ctx: Context, field: Field, raw: unknown, path: string): unknown {
  if (field.shape === 'list') return decodeList(ctx, field, raw, path);
  if (field.shape === 'map') return decodeMap(ctx, field, raw, path);
  const value = decodeOne(ctx, field, raw, path);
  if (field.present) return value;
  if (field.kind === 'e') {
    return value === (ctx.schema.enum(field.type).byNumber.get(0) ?? 0) ? undefined : value;
  }
  return field.kind === 'm' || !isDefault(value) ? value : undefined;
}

function isNullValue(ctx: Context, field: Field): boolean {
  if (field.shape !== 'one') return false;
  return (
    (field.kind === 'm' && ctx.schema.message(field.type).name === 'google.protobuf.Value') ||
    (field.kind === 'e' && ctx.schema.enum(field.type).name === 'google.protobuf.NullValue')
  );
}

function unknownFieldText(ctx: Context, type: number, key: string): string {
  const { ordered } = ctx.schema.message(type);
  const hint = nearest(
    key,
    ordered.map(({ name }) => name),
  );
  return hint ? `there is no such field; did you mean "${hint}"?` : 'there is no such field here';
}

function decodePlain(ctx: Context, type: number, raw: unknown, path: string): Decoded {
  const decoded: Decoded = {};
  if (!isPlainObject(raw)) {
    ctx.report.error(path, `an object is needed, not ${show(raw)}`);
    return decoded;
  }
  const { fields } = ctx.schema.message(type);
  let oneofs: Map<number, Field> | undefined;
  for (const key of Object.keys(raw)) {
    const field = fields.get(key);
    const at = below(ctx, path, key);
    if (!field) {
      ctx.unknownField(at, unknownFieldText(ctx, type, key));
      continue;
    }
    if (key !== field.name && Object.hasOwn(raw, field.name)) continue;
    if (raw[key] === undefined || (raw[key] === null && !isNullValue(ctx, field))) continue;
    const value = decodeField(ctx, field, raw[key], at);
    if (value === undefined) continue;
    const rival = field.oneof < 0 ? undefined : oneofs?.get(field.oneof);
    if (rival && rival.order > field.order) continue;
    if (rival) delete decoded[rival.name];
    if (field.oneof >= 0) (oneofs ??= new Map()).set(field.oneof, field);
    decoded[field.name] = value;
  }
  return decoded;
}

function decodeAny(ctx: Context, raw: unknown, path: string): Decoded {
  if (!isPlainObject(raw) || typeof raw['@type'] !== 'string') {
    ctx.report.error(path, 'a typed value needs its "@type"');
    return {};
  }
  const url = raw['@type'];
  const name = url.slice(url.lastIndexOf('/') + 1);
  const type = ctx.schema.find(name);
  if (type === undefined) {
    const hint = name.includes('.v2.') ? '; it looks like the v2 API, use the v3 one' : '';
    ctx.report.error(child(path, '@type'), `the type ${show(url)} is unknown to this Istio${hint}`);
    return { '@type': url };
  }
  const { '@type': _, ...rest } = raw;
  if (!wellKnown.has(name)) decodeMessage(ctx, type, rest, path);
  else if (Object.hasOwn(raw, 'value')) {
    decodeMessage(ctx, type, raw['value'], child(path, 'value'));
  } else ctx.report.error(path, `a ${name} needs its "value"`);
  return { '@type': url };
}

function decodeDuration(ctx: Context, raw: unknown, path: string): bigint {
  const ns = typeof raw === 'string' ? parseDurationNs(raw) : undefined;
  if (ns === undefined) {
    ctx.report.error(
      path,
      `${show(raw)} is no duration; write one like "1.5s", "200ms" or "1h30m"`,
    );
  }
  return ns ?? 0n;
}

const timestamp = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[-+]\d\d:\d\d)$/;

/**
 * Decodes JSON as the protobuf message `type`, as Istio does: both spellings of a field name, null as unset,
 * the last member of a oneof wins. Problems go to the report; what could not be read is left out.
 */
export function decodeMessage(ctx: Context, type: number, raw: unknown, path: string): unknown {
  const depth = ctx.depth ?? 0;
  if (depth === maxDepth) {
    ctx.report.error(path, 'it is nested too deep');
    return {};
  }
  ctx.depth = depth + 1;
  const decoded = decodeBelow(ctx, type, raw, path);
  ctx.depth = depth;
  return decoded;
}

function decodeBelow(ctx: Context, type: number, raw: unknown, path: string): unknown {
  const { name, ordered } = ctx.schema.message(type);
  const known = wellKnown.get(name);
  if (known === undefined) return raw === null ? {} : decodePlain(ctx, type, raw, path);
  if (raw === null && known !== 'value') return known === 'duration' ? 0n : empty(known);
  switch (known) {
    case 'any':
      return decodeAny(ctx, raw, path);
    case 'duration':
      return decodeDuration(ctx, raw, path);
    case 'timestamp':
      if (typeof raw !== 'string' || !timestamp.test(raw) || Number.isNaN(Date.parse(raw))) {
        ctx.report.error(path, `${show(raw)} is no time; write one like "2026-01-31T10:00:00Z"`);
      }
      return raw;
    case 'wrapper':
      return ordered[0] ? decodeOne(ctx, ordered[0], raw, path) : undefined;
    case 'struct':
      if (!isPlainObject(raw)) ctx.report.error(path, `an object is needed, not ${show(raw)}`);
      return isPlainObject(raw) ? raw : {};
    case 'list':
      if (!Array.isArray(raw)) ctx.report.error(path, `a list is needed, not ${show(raw)}`);
      return raw;
    case 'value':
      return raw;
  }
}

function empty(known: string): unknown {
  return known === 'wrapper' ? 0 : known === 'list' ? [] : {};
}
