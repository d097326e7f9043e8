import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { Finding } from '@ambit/analysis/finding';
import { exampleCertificate } from '@ambit/analysis/rules/shared/certificate';
import { UsageError } from '../usage-error.ts';
import { analyzeCommand } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'ambit-analyze-'));
afterAll(() => rmSync(folder, { recursive: true }));

const route = (
  name: string,
  namespace: string,
  more = '',
): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
${namespace === '' ? '' : `  namespace: ${namespace}\n`}${more}spec:
  hosts: [${name}]
  http:
  - route:
    - destination:
        host: ${name}
`;

const files: Record<string, string> = {
  'routes/web.yaml': route('web', 'shop'),
  'routes/deep/api.yml': route('api', 'blog'),
  'routes/readme.md': 'no YAML',
  'bare.yaml': route('bare', ''),
  'good.yaml': `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n`,
  'list.yaml': `apiVersion: v1\nkind: List\nitems:\n- apiVersion: networking.istio.io/v1\n  kind: VirtualService\n  metadata: {name: web, namespace: shop}\n  spec:\n    hosts: [web]\n    http:\n    - route: [{destination: {host: web}}]\n`,
  'broken.yaml': `${route('web', 'shop')}---\na: b: c\n---\n${route('api', 'shop')}`,
  'kinds.yaml':
    'apiVersion: networking.istio.io/v1\nkind: VirtualSerivce\nmetadata: {name: a}\n---\napiVersion: example.com/v1\nkind: Other\nmetadata: {name: b}\n',
  'quiet.yaml': route(
    'web',
    'shop',
    '  annotations: {galley.istio.io/analyze-suppress: IST0101}\n',
  ),
  'expired.yaml': route(
    'web',
    'shop',
    '  annotations: {ambit.dev/suppress: "IST0101 until 2020-01-01: soon"}\n',
  ),
  'reason.yaml': route(
    'web',
    'shop',
    '  annotations: {ambit.dev/suppress: "ist0101: comes with the next release"}\n',
  ),
  'entry.yaml': `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: db, namespace: data}\nspec: {hosts: [db.example.com], ports: [{number: 5432, name: tcp-db, protocol: TCP}], resolution: DNS, location: MESH_EXTERNAL}\n`,
  'mesh.yaml':
    'defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true", ISTIO_META_DNS_AUTO_ALLOCATE: "true"}}\n',
  'edge.yaml': `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: main, namespace: edge}\nspec: {servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: SIMPLE, credentialName: shop}}]}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: shop, namespace: edge}\ndata: {tls.crt: ${exampleCertificate}, tls.key: a2V5}\n`,
  'nets.yaml': 'networks: {net-1: {endpoints: [{fromRegistry: nowhere}]}}\n',
};
for (const [name, text] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

const file = (name: string): string => join(folder, name);

function run(...args: string[]): { code: number; out: string; err: string } {
  let [out, err] = ['', ''];
  const code = analyzeCommand(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    readFile: (path) => (path === '-' ? files['routes/web.yaml']! : readFileSync(path, 'utf8')),
  });
  return { code, out, err };
}

type Output = { findings: Finding[]; suppressed: (Finding & { reason: string })[] };

const json = (...args: string[]): Output => JSON.parse(run(...args, '-o', 'json').out) as Output;

/** Code, resource and place of findings with a code of Istio's. */
const told = (...args: string[]): string[] =>
  json(...args)
    .findings.filter(({ code }) => code.startsWith('IST'))
    .map(
      (finding) =>
        `${finding.code} ${finding.resource} ${finding.file?.split('/').at(-1)}:${finding.line}`,
    );

test('a folder is read with all below it', () => {
  expect(told(file('routes'))).toEqual([
    'IST0101 VirtualService blog/api api.yml:11',
    'IST0101 VirtualService shop/web web.yaml:11',
  ]);
});

test('a finding says what, where, why and what follows', () => {
  const [finding] = json(file('routes/web.yaml')).findings;
  expect(finding).toMatchObject({
    code: 'IST0101',
    severity: 'error',
    resource: 'VirtualService shop/web',
    kind: 'VirtualService',
    namespace: 'shop',
    name: 'web',
    path: 'spec.http[0].route[0].destination.host',
    file: file('routes/web.yaml'),
    line: 11,
    message: expect.stringContaining('"web"'),
    cause: expect.any(String),
    consequence: expect.any(String),
    link: expect.stringContaining('ist0101'),
    id: expect.stringMatching(/^IST0101-[0-9a-f]{16}$/),
  });
});

test('a document without namespace is named without one', () => {
  expect(told(file('bare.yaml'))).toEqual(['IST0101 VirtualService bare bare.yaml:10']);
});

test('standard input, Lists and several inputs', () => {
  expect(told('-')).toEqual(['IST0101 VirtualService shop/web -:11']);
  expect(told(file('list.yaml'))).toEqual(['IST0101 VirtualService shop/web list.yaml:10']);
  expect(told(file('bare.yaml'), file('routes/web.yaml'))).toHaveLength(2);
});

test('a broken document is a finding, and does not hide the others', () => {
  const { findings } = json(file('broken.yaml'));
  expect(findings.map(({ code, line }) => `${code}:${line}`)).toEqual([
    'AMB0000:13',
    'IST0101:25',
    'IST0101:11',
  ]);
});

test('a kind that Istio does not have is a finding; kinds of others are named', () => {
  const { findings, unknownKinds } = JSON.parse(run(file('kinds.yaml'), '-o', 'json').out);
  expect(findings).toMatchObject([
    { code: 'AMB0000', line: 2, message: expect.stringContaining('no kind VirtualSerivce') },
  ]);
  expect(unknownKinds).toEqual(['example.com/v1 Other']);
});

test('--fail-on decides the exit code', () => {
  expect(run(file('routes')).code).toBe(1);
  expect(run(file('routes'), '--fail-on', 'never').code).toBe(0);
  expect(run(file('good.yaml')).code).toBe(0);
  expect(run(file('entry.yaml')).code).toBe(0);
  expect(run(file('entry.yaml'), '--fail-on=warning').code).toBe(1);
});

test('mesh configuration and networks are taken from files', () => {
  expect(told(file('entry.yaml'))).toEqual(['IST0134 ServiceEntry data/db entry.yaml:4']);
  expect(told(file('entry.yaml'), '--mesh-config', file('mesh.yaml'))).toEqual([]);
  const { findings } = json(file('good.yaml'), '--mesh-networks', file('nets.yaml'));
  expect(findings.map(({ code }) => code)).toContain('IST0126');
});

test('annotations and -S suppress, with the reason; what is expired does not', () => {
  expect(told(file('quiet.yaml'))).toEqual([]);
  expect(told(file('expired.yaml'))).toHaveLength(1);
  expect(json(file('reason.yaml')).suppressed).toMatchObject([
    { code: 'IST0101', reason: 'comes with the next release' },
  ]);
  expect(told(file('routes'), '-S', 'IST0101=VirtualService web.shop')).toHaveLength(1);
  expect(told(file('routes'), '-S', 'IST0101=VirtualService shop/*')).toHaveLength(1);
  expect(told(file('routes'), '-S', 'IST0102=VirtualService *')).toHaveLength(2);
});

test('-n limits to a namespace', () => {
  expect(told(file('routes'), '-n', 'blog')).toEqual([
    'IST0101 VirtualService blog/api api.yml:11',
  ]);
  expect(told(file('routes'), '-n', 'blog', '-A')).toHaveLength(2);
});

test('parity tells findings of Istio only, at its lines', () => {
  const { findings } = json(file('routes'), '--parity', 'istioctl');
  expect(findings.every(({ code }) => code.startsWith('IST'))).toBe(true);
  expect(findings).toHaveLength(2);
  const broken = run(file('broken.yaml'), '--parity', 'istioctl');
  expect(broken.err).toContain('broken.yaml:13');
});

test('the same files give the same text', () => {
  for (const format of ['table', 'json', 'sarif', 'github']) {
    expect(run(file('routes'), '-o', format)).toEqual(run(file('routes'), '-o', format));
  }
});

test('SARIF has rules, levels, places and fingerprints', () => {
  const log = JSON.parse(run(file('routes/web.yaml'), '-o', 'sarif').out);
  expect(log).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'ambit analyze' } },
        results: [
          {
            ruleId: 'IST0101',
            level: 'error',
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: `file://${file('routes/web.yaml')}` },
                  region: { startLine: 11 },
                },
              },
            ],
          },
        ],
      },
    ],
  });
});

test('GitHub gets workflow commands', () => {
  const { out } = run(file('routes/web.yaml'), '-o', 'github');
  expect(out).toContain(
    `::error file=${file('routes/web.yaml')},line=11,title=IST0101 VirtualService shop/web::`,
  );
});

test('the table is for people', () => {
  const { out } = run(file('routes/web.yaml'));
  expect(out).toContain('error IST0101, KIA1101 VirtualService shop/web:');
  expect(out).toContain(`at ${file('routes/web.yaml')}:11 spec.http[0].route[0].destination.host`);
  expect(run(file('good.yaml')).out).toBe('nothing found\n');
});

test.each([
  [[], 'name at least one file'],
  [['x.yaml', '-o', 'xml'], 'cannot be "xml"'],
  [['x.yaml', '--certificate-days', '0'], 'cannot be "0"'],
  [['--mesh', 'shop', '--certificate-days=9'], 'cannot be combined'],
  [['x.yaml', '--bogus'], 'there is no flag "--bogus"'],
  [['x.yaml', '-S', 'IST0101'], '--suppress cannot be'],
  [['x.yaml', '--parity', 'kiali'], 'cannot be "kiali"'],
  [['/does/not/exist.yaml'], 'cannot read /does/not/exist.yaml'],
])('%j is refused with what is wrong', (args, message) => {
  expect(() => run(...args)).toThrow(UsageError);
  expect(() => run(...args)).toThrow(message);
});

test('tells of certificates as many days before as it is asked to', () => {
  vi.useFakeTimers({ now: Date.UTC(2036, 9, 15), toFake: ['Date'] });
  try {
    const soon = (...more: string[]) =>
      json(file('edge.yaml'), ...more).findings.filter(({ code }) => code === 'AMB0023');
    expect(soon()).toEqual([]);
    expect(soon('--certificate-days', '60')).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

test('the bundle says what the sources say', { timeout: 60_000 }, () => {
  const bin = join(import.meta.dirname, '../../../bin/ambit.mjs');
  const result = spawnSync(process.execPath, [bin, 'analyze', file('routes'), '-o', 'json'], {
    encoding: 'utf8',
  });
  expect(result.status).toBe(1);
  expect(JSON.parse(result.stdout)).toEqual(json(file('routes')));
  const piped = execFileSync(process.execPath, [bin, 'analyze', '-', '--fail-on', 'never'], {
    encoding: 'utf8',
    input: files['routes/web.yaml']!,
  });
  expect(piped).toContain('IST0101');
});
