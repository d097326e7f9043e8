import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { allRules } from '../rules/all.ts';
import { parseCompletely, parseOne } from './document.ts';
import { chunks } from './chunks.ts';
import { readPlainYaml } from './plain-yaml.ts';

const documents = allRules.flatMap((rule) =>
  rule.examples.flatMap(({ yaml }) => chunks(yaml).map(({ text }) => text)),
);

/** Every path of a value. */
function* paths(value: unknown, at: (string | number)[] = []): Generator<(string | number)[]> {
  yield at;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* paths(item, [...at, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* paths(item, [...at, key]);
  }
}

/** The fast reader either gives up, or says what the complete one says, lines too. */
function agrees(text: string): boolean {
  const plain = readPlainYaml(text, false);
  if (!plain) return false;
  const complete = parseCompletely(text);
  expect(complete, text).toHaveProperty('value');
  if (!('value' in complete)) return true;
  expect(JSON.stringify(plain.value), text).toBe(JSON.stringify(complete.value));
  const parsed = parseOne(text);
  if (!('value' in parsed)) throw new Error('it was plain before');
  const [fast, slow] = [parsed.positions(), complete.positions()];
  for (const path of paths(plain.value)) {
    expect(fast.lineOf(path), `${text}\n${path.join('.')}`).toBe(slow.lineOf(path));
    expect(fast.lineOfScalar(path), `${text}\n${path.join('.')}`).toBe(slow.lineOfScalar(path));
  }
  return true;
}

test('the documents of all examples are read fast', () => {
  const slow = documents.filter((text) => !agrees(text));
  expect(slow.length / documents.length).toBeLessThan(0.02);
});

const words = fc.constantFrom(
  'a',
  'yes',
  'null',
  '~',
  '1',
  '0x10',
  '010',
  '1.5',
  '-1',
  '- a',
  ' b',
  'a: b',
  'a:',
  ':a',
  '# c',
  'a #b',
  'a#b',
  '',
  '"q"',
  "'s'",
  '[x]',
  '{x: y}',
  '&a',
  '*a',
  '!t',
  '|',
  '>',
  '%',
  '@',
  '2001:db8::1',
  '::',
  'é',
  '1e400',
  '.inf',
  '2026-01-01',
  'a\nb',
  'a\n\nb\n',
  ' lead\n x',
  '\ttab',
  'x\\y',
  "it's",
  '__proto__',
  '<<',
  '-',
  '--',
  '- - b',
  '?',
);

const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    words,
    fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(words, tie('node'), { maxKeys: 3 }),
  ),
}));

test('a written value is read as the complete reader does', () => {
  fc.assert(
    fc.property(value.node, fc.constantFrom(0, 2, 4), fc.boolean(), (node, indent, flow) => {
      const text = stringify(
        { a: node, b: [node] },
        {
          lineWidth: 0,
          ...(indent > 0 ? { indent, indentSeq: indent === 4 } : {}),
          ...(flow ? { collectionStyle: 'flow' as const } : {}),
        },
      );
      agrees(text);
    }),
    { numRuns: 1500 },
  );
});

test('JSON is read as the complete reader does', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(0, 1, 2), (node, indent) => {
      agrees(JSON.stringify({ a: node }, null, indent));
    }),
    { numRuns: 500, examples: [[{ '': { '::}': false } }, 0]] },
  );
});

const piece = fc.constantFrom(
  '\n',
  ' ',
  '  ',
  '- ',
  ': ',
  ':',
  '#',
  ' # c',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ',',
  '|',
  '|-',
  '|+',
  '>',
  '&',
  '*',
  '!',
  '?',
  '\t',
  '%',
  '~',
  'x',
  '0',
  '---',
  '...',
  '\\',
  '@',
  '::',
  '\n\n',
  '\n  ',
  '\n- ',
  'a: ',
  'a:\n',
);

test('a damaged document is given up on, or read as the complete reader does', () => {
  fc.assert(
    fc.property(
      fc.nat(documents.length - 1),
      fc.array(fc.tuple(fc.nat(10_000), fc.nat(3), piece), { minLength: 1, maxLength: 3 }),
      (index, edits) => {
        let text = documents[index]!;
        for (const [at, cut, insert] of edits) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + insert + text.slice(place + cut);
        }
        agrees(text);
      },
    ),
    { numRuns: 4000 },
  );
});
