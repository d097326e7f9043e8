import { parseAllDocuments, stringify } from 'yaml';
import type { LibraryCase } from '../library-cases.ts';
import type { PeerCase } from '../peer.ts';
import { chance, pick, seededDice, some } from './dice.ts';
import type { Dice } from './dice.ts';

type Json = Record<string, unknown>;
type Place = (string | number)[];

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

function objectsOf(text: string): Json[] {
  return parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false })
    .filter(({ errors }) => errors.length === 0)
    .map((document): unknown => document.toJS())
    .filter((value): value is Json => isObject(value) && 'kind' in value);
}

/** Places of all values in an object, but for what says what it is. */
function placesOf(value: unknown, at: Place = [], into: Place[] = []): Place[] {
  if (!isObject(value)) return into;
  for (const key of Object.keys(value)) {
    const place = [...at, Array.isArray(value) ? Number(key) : key];
    if (place.length > 1 || !['apiVersion', 'kind', 'metadata'].includes(key)) into.push(place);
    placesOf(value[key], place, into);
  }
  return into;
}

const valueAt = (object: unknown, place: Place): unknown =>
  place.reduce<unknown>((value, step) => (isObject(value) ? value[step] : undefined), object);

/** What each field has in some case: mostly something that could stand there. */
export function fieldValues(cases: readonly PeerCase[]): ReadonlyMap<string, readonly unknown[]> {
  const values = new Map<string, unknown[]>();
  for (const { files } of cases) {
    for (const object of files.flatMap(({ text }) => objectsOf(text))) {
      for (const place of placesOf(object)) {
        const field = place.findLast((step) => typeof step === 'string') ?? '';
        const known = values.get(field);
        if (known) known.push(valueAt(object, place));
        else values.set(field, [valueAt(object, place)]);
      }
    }
  }
  return values;
}

const texts = [
  '',
  '*',
  '.',
  '~',
  'a',
  'default',
  'mesh',
  '*.example.com',
  'UPPER',
  'a/b',
  '-1',
  'true',
  '1.5s',
];
const numbers = [0, -1, 1, 80, 443, 70_000, 15_443, 4_294_967_296];
const namespaces = [undefined, 'default', 'istio-system', 'a', 'kube-system', ''];

function changeOne(
  dice: Dice,
  object: Json,
  values: ReadonlyMap<string, readonly unknown[]>,
): void {
  const places = placesOf(object);
  if (places.length === 0) return;
  const place = pick(dice, places);
  const parent = valueAt(object, place.slice(0, -1)) as Json;
  const key = place.at(-1) as string;
  const value = parent[key];
  const field = place.findLast((step) => typeof step === 'string') ?? '';
  const changes: (() => void)[] = [
    () => (Array.isArray(parent) ? parent.splice(Number(key), 1) : delete parent[key]),
    () => (parent[key] = structuredClone(pick(dice, values.get(String(field)) ?? texts))),
    () => (parent[key] = pick<unknown>(dice, typeof value === 'number' ? numbers : texts)),
    () => (parent[key] = isObject(value) ? (Array.isArray(value) ? [] : {}) : null),
    () => (Array.isArray(value) ? value.push(structuredClone(pick(dice, value))) : undefined),
    () =>
      isObject(object['metadata']) && (object['metadata']['namespace'] = pick(dice, namespaces)),
  ];
  pick(dice, changes)();
}

function textOf(dice: Dice, objects: readonly Json[]): string {
  const options = {
    version: '1.1',
    lineWidth: pick(dice, [0, 40]),
    indent: pick(dice, [2, 4]),
    aliasDuplicateObjects: false,
  } as const;
  if (chance(dice, 8))
    return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2);
  if (chance(dice, 8))
    return stringify({ apiVersion: 'v1', kind: 'List', items: objects }, options);
  const separator = pick(dice, ['---\n', '---\n\n', '---\n# next\n', '--- \n']);
  return objects.map((object) => stringify(object, options)).join(separator);
}

/** A line changed as people do by mistake; carriage returns and a byte order mark at times. */
function misprinted(dice: Dice, text: string): string {
  const lines = text.split('\n');
  const at = dice(lines.length);
  const line = lines[at] ?? '';
  const changed = pick(dice, [
    [],
    [line, line],
    [`${line} # why`],
    [`${line}  `],
    ['', line],
    ['  # why', line],
    [` ${line}`],
    ['\t', line],
    ['---', line],
    [line.replace(/^( *)([\w-]+):/, '$1"$2" :')],
  ]);
  lines.splice(at, 1, ...changed);
  const whole = lines.join(chance(dice, 6) ? '\r\n' : '\n');
  return chance(dice, 30) ? `\uFEFF${whole}` : whole;
}

/** A few cases of the library thrown together, with changes in their objects and then in their text. */
export function mutatedCase(
  seed: number,
  cases: readonly LibraryCase[],
  values: ReadonlyMap<string, readonly unknown[]>,
): PeerCase {
  const dice = seededDice(seed);
  const chosen = some(dice, 1, 3, () => pick(dice, cases));
  const objects = chosen
    .flatMap(({ files }) => files.flatMap(({ text }) => objectsOf(text)))
    .slice(0, 30);
  for (let turn = pick(dice, [0, 1, 3, 8, 15]); turn > 0; turn -= 1) {
    changeOne(dice, pick(dice, objects), values);
  }
  const text = textOf(dice, objects);
  const { meshConfig, meshNetworks } = chance(dice, 6) ? pick(dice, chosen) : {};
  return {
    files: [{ file: 'a.yaml', text: chance(dice, 2) ? misprinted(dice, text) : text }],
    ...(meshConfig === undefined ? {} : { meshConfig }),
    ...(meshNetworks === undefined ? {} : { meshNetworks }),
  };
}
