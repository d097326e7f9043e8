import * as fc from 'fast-check';
import { createSchema } from '../decode/schema.ts';
import istioTable from '../generated/istio.json' with { type: 'json' };
import { kinds } from '../kinds/catalogue.ts';
import { mutate } from './mutate.ts';
import { isPlainObject } from '../shared/json.ts';
import { envoySchema, patchTypes } from '../kinds/envoy-filter/patch-value.ts';
import { seeds } from './seeds.ts';
import { message, pick } from './values.ts';
import type { Dice } from './values.ts';

export type GeneratedDocument = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: object; annotations?: object };
  spec: Record<string, unknown>;
};

const schema = createSchema(istioTable);

/** Reads decisions from a list of numbers, over and over. */
export function diceOf(numbers: number[]): Dice {
  let at = 0;
  let turn = 0;
  return (limit) => {
    if (at === numbers.length) [at, turn] = [0, turn + 1];
    const number = (numbers[at] ?? 0) + turn * 7919;
    at += 1;
    return number % limit;
  };
}

const rareLabels = {
  'istio.io/use-waypoint': 'w',
  'networking.istio.io/enable-autoallocate-ip': 'false',
};

function metadata(dice: Dice): Omit<GeneratedDocument['metadata'], 'name'> {
  return {
    ...(dice(10) === 0 ? { namespace: pick(dice, ['default', 'other']) } : {}),
    ...(dice(10) === 0 ? { labels: rareLabels } : {}),
    ...(dice(40) === 0 ? { annotations: { 'istio.io/dry-run': pick(dice, ['true', 'x']) } } : {}),
    ...(dice(80) === 0 ? { annotations: { 'internal.istio.io/parents': 'x' } } : {}),
  };
}

/** Fills the values of an EnvoyFilter's patches anew, as the Envoy message they stand for. */
function fillPatches(dice: Dice, spec: Record<string, unknown>): void {
  const { configPatches } = spec as {
    configPatches?: { applyTo?: string; patch?: { value?: unknown } }[];
  };
  for (const entry of Array.isArray(configPatches) ? configPatches : []) {
    const type = envoySchema.find(patchTypes[String(entry?.applyTo)] ?? '');
    if (type === undefined || typeof entry.patch !== 'object' || !entry.patch) continue;
    if (dice(3) === 0) entry.patch.value = message(envoySchema, dice, type, 4, 'value');
    else if (isPlainObject(entry.patch.value) && dice(2) === 0)
      mutate(envoySchema, dice, entry.patch.value, type);
  }
}

function build(index: number, mutations: number, numbers: number[]): GeneratedDocument {
  const seed = seeds[index % seeds.length] as (typeof seeds)[number];
  const entry = kinds.find(({ kind }) => kind === seed.kind) as (typeof kinds)[number];
  const dice = diceOf(numbers);
  const spec = structuredClone(seed.spec);
  const type = schema.find(entry.message) ?? 0;
  for (let count = 0; count < mutations; count += 1) mutate(schema, dice, spec, type);
  if (entry.kind === 'EnvoyFilter') fillPatches(dice, spec);
  return {
    apiVersion: `${entry.group}/${pick(dice, entry.versions)}`,
    kind: entry.kind,
    metadata: { name: dice(60) === 0 ? 't0.dotted' : 't0', ...metadata(dice) },
    spec,
  };
}

/** Documents of every kind: valid ones with up to four things changed. */
export const documents: fc.Arbitrary<GeneratedDocument> = fc
  .tuple(
    fc.nat({ max: 1_000_000 }),
    fc.integer({ min: 0, max: 4 }),
    fc.array(fc.nat({ max: 0x7fffffff }), { minLength: 60, maxLength: 60 }),
  )
  .map(([index, mutations, numbers]) => build(index, mutations, numbers));
