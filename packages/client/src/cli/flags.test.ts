import { catalogue } from '@ambit/contracts/catalogue';
import { expect, test } from 'vitest';
import { commands } from './commands.ts';
import { flagsOf } from './flags.ts';
import { globalFlags, inputFrom, parseLine } from './parse.ts';

const create = flagsOf(catalogue.mesh.create.input);
const flag = (name: string) => create.find((known) => known.name === name);

test('a nested field is a dotted flag with its default and choices', () => {
  expect(flag('options.mtls')).toMatchObject({
    path: ['options', 'mtls'],
    kind: 'string',
    required: false,
    choices: ['PERMISSIVE', 'STRICT'],
    default: 'PERMISSIVE',
  });
  expect(flag('options.control-plane.min-replicas')).toMatchObject({ kind: 'number', default: 1 });
});

test('what the schema needs, the flag needs', () => {
  expect(create.filter(({ required }) => required).map(({ name }) => name)).toEqual([
    'name',
    'cluster-ids',
  ]);
});

test('a field that takes a number or a word is read as what it looks like', () => {
  const flags = flagsOf(catalogue.waypoint.update.input);
  expect(flags.find(({ name }) => name === 'sleep')?.kind).toBe('numberOrText');
  const read = (text: string) => inputFrom(flags, { sleep: [text] });
  expect([read('300'), read('never')]).toEqual([{ sleep: 300 }, { sleep: 'never' }]);
});

test('a field that takes a boolean or its text is a switch', () => {
  const [unfinished] = flagsOf(catalogue.operation.list.input).filter(
    ({ name }) => name === 'unfinished',
  );
  expect(unfinished?.kind).toBe('boolean');
});

test('no flag of any command hides a flag that all commands have', () => {
  const hidden = commands.flatMap(({ contract }) =>
    flagsOf(contract.input)
      .filter(({ name }) => name in globalFlags)
      .map(({ name }) => `${contract.id} --${name}`),
  );
  expect(hidden).toEqual([]);
});

test('every input of every example is what its flags make', () => {
  for (const { contract } of commands) {
    for (const { input } of contract.examples ?? []) {
      const flags = flagsOf(contract.input);
      const values = Object.fromEntries(
        flags.flatMap(({ name, path, kind }) => {
          const value = path.reduce<unknown>(
            (of, key) => (of as Record<string, unknown> | undefined)?.[key],
            input,
          );
          if (value === undefined) return [];
          const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
          const kept = kind === 'list' ? String(value) : text;
          return [[name, kind === 'boolean' ? (value as boolean) : [kept]]];
        }),
      );
      expect(inputFrom(flags, values)).toEqual(input);
    }
  }
});

const specs = {
  name: { type: 'string' },
  'cluster-ids': { type: 'string' },
  'options.access-log': { type: 'boolean' },
  'options.control-plane.min-replicas': { type: 'string' },
} as const;
const parse = (...args: string[]) => inputFrom(create, parseLine(args, specs).values);

test.each([
  [['--name', 'shop'], { name: 'shop' }],
  [['--name=shop'], { name: 'shop' }],
  [['--cluster-ids', 'a,b'], { clusterIds: ['a', 'b'] }],
  [['--cluster-ids', 'a', '--cluster-ids', 'b'], { clusterIds: ['a', 'b'] }],
  [['--options.access-log'], { options: { accessLog: true } }],
  [['--no-options.access-log'], { options: { accessLog: false } }],
  [['--options.access-log=false'], { options: { accessLog: false } }],
  [
    ['--options.control-plane.min-replicas', '2'],
    { options: { controlPlane: { minReplicas: 2 } } },
  ],
])('%j makes %j', (args, input) => {
  expect(parse(...args)).toEqual(input);
});

test.each([
  [['--nmae', 'shop'], 'there is no flag --nmae here'],
  [['--name'], '--name needs a value'],
  [['--options.access-log=maybe'], 'takes no "maybe"'],
  [['--options.control-plane.min-replicas', 'two'], 'is not a number'],
])('%j is refused: %s', (args, message) => {
  expect(() => parse(...args)).toThrow(message);
});

test('a flag lies over what a file says, beside its other fields', () => {
  const base = { name: 'shop', options: { mtls: 'STRICT', accessLog: true } };
  const { values } = parseLine(['--no-options.access-log'], specs);
  expect(inputFrom(create, values, base)).toEqual({
    name: 'shop',
    options: { mtls: 'STRICT', accessLog: false },
  });
  expect(base.options.accessLog).toBe(true);
});
