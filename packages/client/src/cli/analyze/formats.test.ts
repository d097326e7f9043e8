import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Finding } from '@ambit/analysis/finding';
import { print } from './formats.ts';
import type { Report } from './formats.ts';
import { fileUri } from './sarif.ts';

const ajv = new Ajv.default({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats.default(ajv);
const isSarif = ajv.compile(schema);

/** Text with what files and commands take for their own: spaces, percent signs, colons, line breaks, umlauts. */
const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'Z',
    '0',
    ' ',
    '%',
    ':',
    ',',
    ';',
    '\n',
    '\r',
    '"',
    "'",
    '\\',
    '/',
    '#',
    '?',
    'ü',
    '::',
    '😀',
  ),
  maxLength: 12,
});

const finding: fc.Arbitrary<Finding> = fc.record(
  {
    id: text,
    code: fc.constantFrom('IST0101', 'KIA1101', 'AMB0001'),
    severity: fc.constantFrom('error', 'warning', 'info'),
    message: text,
    resource: text,
    kind: text,
    namespace: text,
    name: text,
    path: text,
    file: text.filter((name) => name !== ''),
    line: fc.nat({ max: 9 }),
    cause: text,
    consequence: text,
    link: fc.constantFrom('https://istio.io/x', 'docs/rules.md#x'),
  },
  {
    requiredKeys: [
      'id',
      'code',
      'severity',
      'message',
      'resource',
      'kind',
      'namespace',
      'name',
      'path',
      'cause',
      'consequence',
      'link',
    ],
  },
);

const report: fc.Arbitrary<Report> = fc.record({
  findings: fc.array(finding, { maxLength: 4 }),
  suppressed: fc.array(fc.record({ finding, reason: text }), { maxLength: 2 }),
  unknownKinds: fc.constant([]),
});

test('whatever was found, the SARIF is what its schema wants', () => {
  fc.assert(
    fc.property(report, (one) => {
      const log: unknown = JSON.parse(print.sarif(one));
      expect(isSarif(log) || isSarif.errors).toBe(true);
    }),
  );
});

test('the schema is one that refuses', () => {
  const log = JSON.parse(print.sarif({ findings: [], suppressed: [], unknownKinds: [] })) as {
    runs: { results?: object[] }[];
  };
  (log.runs[0] as { results: object[] }).results = [{ ruleId: 'IST0101', level: 'info' }];
  expect(isSarif(log)).toBe(false);
});

test.each([
  ['a b/ü#1.yaml', '/', 'a%20b/%C3%BC%231.yaml'],
  ['./deep/x.yaml', '/', 'deep/x.yaml'],
  ['/etc/mesh.yaml', '/', 'file:///etc/mesh.yaml'],
  ['deep\\x.yaml', '\\', 'deep/x.yaml'],
  ['C:\\mesh\\x y.yaml', '\\', 'file:///C:/mesh/x%20y.yaml'],
])('the file %s is the URI %s', (file, separator, uri) => {
  expect(fileUri(file, separator)).toBe(uri);
});

/** As GitHub's runner reads a workflow command: properties end at commas, and five characters are escaped. */
function readCommand(line: string): {
  name: string;
  properties: Record<string, string>;
  message: string;
} {
  const [, name = '', list = '', message = ''] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
  const show = (escaped: string): string =>
    escaped
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');
  const properties = list.split(',').map((entry): [string, string] => {
    const at = entry.indexOf('=');
    return [entry.slice(0, at), show(entry.slice(at + 1))];
  });
  const shown = message.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  return { name, properties: Object.fromEntries(properties), message: shown };
}

test('GitHub reads back each finding in one line, whatever its texts have in them', () => {
  fc.assert(
    fc.property(report, (one) => {
      const lines = print
        .github(one)
        .split('\n')
        .filter((line) => line.startsWith('::'));
      expect(lines.map(readCommand)).toEqual(
        one.findings.map(({ severity, code, resource, file, line, message, consequence }) => ({
          name: severity === 'info' ? 'notice' : severity,
          properties: {
            ...(file === undefined ? {} : { file }),
            ...(line === undefined || line < 1 ? {} : { line: String(line) }),
            title: `${code} ${resource}`,
          },
          message: `${message}. ${consequence}`,
        })),
      );
    }),
  );
});
