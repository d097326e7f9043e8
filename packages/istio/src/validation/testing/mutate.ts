import type { Field, Schema } from '../decode/schema.ts';
import { isPlainObject } from '../shared/json.ts';
import { scalars } from './pools.ts';
import { fieldValue, pick } from './values.ts';
import type { Dice } from './values.ts';

type Container = Record<string, unknown> | unknown[];
type Spot = { container: Container; key: string | number; field?: Field; type?: number };

const messageOf = (schema: Schema, field: Field | undefined): number | undefined =>
  field?.kind === 'm' && !schema.message(field.type).name.startsWith('google.protobuf.')
    ? field.type
    : undefined;

/** Every place in the spec, with the table's field for it where there is one. */
function spots(schema: Schema, value: unknown, type: number | undefined, field?: Field): Spot[] {
  if (Array.isArray(value)) {
    const inner = field && { ...field, shape: 'one' as const };
    return value.flatMap((item, key) => [
      { container: value, key, field: inner, type: messageOf(schema, field) },
      ...spots(schema, item, messageOf(schema, field), inner),
    ]);
  }
  if (!isPlainObject(value)) return [];
  if (field?.shape === 'map') {
    const inner = { ...field, shape: 'one' as const };
    return Object.keys(value).flatMap((key) => [
      { container: value, key, field: inner, type: messageOf(schema, field) },
      ...spots(schema, value[key], messageOf(schema, field), inner),
    ]);
  }
  const fields = type === undefined ? undefined : schema.message(type).fields;
  return Object.keys(value).flatMap((key) => {
    const known = fields?.get(key);
    const next = known?.shape === 'one' ? messageOf(schema, known) : undefined;
    return [
      { container: value, key, field: known, type: next },
      ...spots(schema, value[key], next, known),
    ];
  });
}

function insertField(
  schema: Schema,
  dice: Dice,
  target: Record<string, unknown>,
  type: number,
): void {
  const field = pick(dice, schema.message(type).ordered);
  if (field) target[field.name] = fieldValue(schema, dice, field, 2);
}

function swapKey(dice: Dice, { container, key }: Spot): void {
  if (Array.isArray(container)) return;
  const value = container[key];
  delete container[key];
  const name = String(key);
  container[
    pick(dice, [
      `${name}x`,
      name.toUpperCase(),
      name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
      'x',
    ])
  ] = value;
}

function repeat({ container, key }: Spot): void {
  if (Array.isArray(container)) container.push(structuredClone(container[Number(key)]));
}

const keep = (value: unknown): unknown => structuredClone(value);

/** Changes one thing of the spec in place: a field is dropped, retyped, filled anew, doubled or added. */
export function mutate(
  schema: Schema,
  dice: Dice,
  spec: Record<string, unknown>,
  type: number,
): void {
  const all = spots(schema, spec, type);
  const messages = all.filter(
    (spot) => spot.type !== undefined && isPlainObject((spot.container as never)[spot.key]),
  );
  const spot = all.length > 0 ? pick(dice, all) : undefined;
  const choice = dice(20);
  if (!spot || choice < 5) {
    const host = dice(4) === 0 || messages.length === 0 ? undefined : pick(dice, messages);
    const target = host ? ((host.container as never)[host.key] as Record<string, unknown>) : spec;
    insertField(schema, dice, target, host?.type ?? type);
    return;
  }
  const container = spot.container as Record<string | number, unknown>;
  if (choice < 13 && spot.field) container[spot.key] = fieldValue(schema, dice, spot.field, 2);
  else if (choice < 16) {
    if (Array.isArray(spot.container)) spot.container.splice(Number(spot.key), 1);
    else delete container[spot.key];
  } else if (choice < 17) container[spot.key] = keep(pick(dice, scalars));
  else if (choice < 18) swapKey(dice, spot);
  else repeat(spot);
}
