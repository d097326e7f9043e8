import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Shell } from './shell.ts';
import { UsageError } from './usage-error.ts';
import { validateCommand } from './validate.ts';

const folder = mkdtempSync(join(tmpdir(), 'ambit-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files: Record<string, string> = {
  'good.yaml':
    'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: a}\nspec:\n  egress: [{hosts: ["./*"]}]\n',
  'bad.yaml':
    'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: b, namespace: team}\nspec:\n  egress:\n  - hosts: []\n',
  'both.yaml':
    'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: c}\nspec:\n  host: a\n  trafficPolicy:\n    loadBalancer:\n      simple: RANDOM\n      consistentHash: {useSourceIp: true}\n',
  'route.yaml':
    'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: d}\nspec:\n  hostnames: [bad_host]\n  rules:\n  - matches: [{path: {type: PathPrefix, value: /x}}]\n    filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /y}}}]\n',
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);

async function run(...args: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const shell = {
    env: {},
    out: (text: string) => void (out += text),
    err: () => undefined,
    readFile: (path: string) => {
      const text = files[path.slice(folder.length + 1)];
      if (text === undefined) throw new Error('no such file');
      return text;
    },
  };
  const code = await validateCommand(args, shell as unknown as Shell);
  return { code, out };
}

const file = (name: string): string => join(folder, name);

test('ends with 0 and a summary when everything is taken', async () => {
  expect(await run(file('good.yaml'))).toEqual({ code: 0, out: '1 objects, 0 refused\n' });
});

test('ends with 1, and JSON names file, object, path, line and message', async () => {
  const { code, out } = await run(file('good.yaml'), file('bad.yaml'), '-o', 'json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual({
    results: [
      { file: file('good.yaml'), kind: 'Sidecar', name: 'a', errors: [], warnings: [] },
      {
        file: file('bad.yaml'),
        kind: 'Sidecar',
        name: 'b',
        errors: [{ path: 'spec.egress[0].hosts', line: 6, message: 'at least one host is needed' }],
        warnings: [],
      },
    ],
  });
});

test('text can be read by editors: file, line, object, path', async () => {
  const { out } = await run(file('bad.yaml'));
  expect(out).toContain(
    `${file('bad.yaml')}:6: error: Sidecar team/b, spec.egress[0].hosts: at least one host is needed`,
  );
});

test('what only the CRD refuses is refused: two members of a oneOf', async () => {
  const { code, out } = await run(file('both.yaml'));
  expect(code).toBe(1);
  expect(out).toMatch(
    /both\.yaml:7: error: DestinationRule c, spec\.trafficPolicy\.loadBalancer: /,
  );
});

test('Gateway API kinds are checked by their schema and its CEL rules', async () => {
  const { code, out } = await run(file('route.yaml'));
  expect(code).toBe(1);
  expect(out).toMatch(/route\.yaml:5: error: HTTPRoute d, spec\.hostnames\[0\]: does not match/);
  files['route.yaml'] = (files['route.yaml'] ?? '').replace('bad_host', 'good.host');
  expect((await run(file('route.yaml'))).code).toBe(0);
  files['route.yaml'] = (files['route.yaml'] ?? '').replace('PathPrefix', 'Exact');
  expect((await run(file('route.yaml'))).out).toMatch(/spec\.rules\[0\]: /);
});

test('a folder is read with what is below it', async () => {
  expect((await run(folder)).out).toMatch(/^4 objects, /m);
});

test.each([
  [[], /at least one file/],
  [['-o', 'xml', 'a'], /no output "xml"/],
  [['--nope'], /no flag "--nope"/],
  [['missing.yaml'], /cannot read missing.yaml/],
  [['a', '-o'], /needs a value/],
])('says how to call it: %s', async (args, message) => {
  await expect(run(...args)).rejects.toThrow(UsageError);
  await expect(run(...args)).rejects.toThrow(message);
});
