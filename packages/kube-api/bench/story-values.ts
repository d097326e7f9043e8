import type { Step } from './story.ts';

const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GAUGE = '/apis/values.dev/v1/namespaces/default/gauges';

const integer = (format: string) => ({ type: 'integer', format });
const number = (format: string) => ({ type: 'number', format });
const text = { type: 'string' };
const part = { type: 'string', maxLength: 100 };
const getters = {
  scheme: 'getScheme',
  host: 'getHost',
  hostname: 'getHostname',
  port: 'getPort',
  path: 'getEscapedPath',
};

const gauges = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gauges.values.dev' },
  spec: {
    group: 'values.dev',
    scope: 'Namespaced',
    names: { plural: 'gauges', singular: 'gauge', kind: 'Gauge', listKind: 'GaugeList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              status: { type: 'object', properties: { phase: text } },
              spec: {
                type: 'object',
                'x-kubernetes-validations': Object.entries(getters).map(([field, getter]) => ({
                  rule: `!has(self.url) || !has(self.${field}) || url(self.url).${getter}() == self.${field}`,
                  message: `has another ${field}`,
                })),
                properties: {
                  plain: text,
                  nullable: { ...text, nullable: true },
                  defaulted: { ...text, default: 'd' },
                  map: { type: 'object', additionalProperties: text },
                  nullableMap: {
                    type: 'object',
                    additionalProperties: { ...text, nullable: true },
                  },
                  list: { type: 'array', items: { type: 'object', properties: { a: text } } },
                  texts: { type: 'array', items: text },
                  object: { type: 'object', properties: { inner: text } },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  int32: integer('int32'),
                  int64: integer('int64'),
                  uint32: integer('uint32'),
                  uint64: integer('uint64'),
                  plainInt: { type: 'integer' },
                  float: number('float'),
                  double: number('double'),
                  portOrName: { 'x-kubernetes-int-or-string': true },
                  url: {
                    ...text,
                    maxLength: 200,
                    'x-kubernetes-validations': [{ rule: 'isURL(self)', message: 'is no URL' }],
                  },
                  scheme: part,
                  host: part,
                  hostname: part,
                  port: part,
                  path: part,
                },
              },
            },
          },
        },
      },
    ],
  },
};

const gauge = (name: string, spec: object, more: object = {}) => ({
  apiVersion: 'values.dev/v1',
  kind: 'Gauge',
  metadata: { name },
  spec,
  ...more,
});

let count = 0;
const post = (what: string, spec: object, more: object = {}): Step => ({
  what,
  method: 'POST',
  path: GAUGE,
  body: gauge(`g${count++}`, spec, more),
});

const urls = [
  'https://user:pass@example.com:80/path?query=val#fragment',
  '/absolute-path',
  'https://a:b:c/',
  '../relative-path',
  'https://example.com',
  'https://example.com:',
  'https://[::1]:8080/x',
  'https://[::1',
  'mailto:someone',
  'http://a b/',
  'http://a/b c',
  'http://a/%zz',
  'http://a/%41',
  'example.com',
  '//host/path',
  'HTTP://UPPER/',
  '1http://x',
  'http://',
  '',
  ':x',
  'http://host:port/',
  'http://a\\b/',
  'http://[fe80::1%25en0]:8080/',
];

const parts = [
  { url: 'https://Example.COM:443/a%20b', host: 'Example.COM:443', hostname: 'Example.COM' },
  { url: 'https://example.com:443/a/../b', port: '443', path: '/a/../b' },
  { url: 'https://example.com:', host: 'example.com:', port: '' },
  { url: 'https://example.com', path: '', scheme: 'https' },
  { url: 'HTTP://a/%41', scheme: 'http', path: '/%41' },
  { url: 'http://[::1]:8080/x', host: '[::1]:8080', hostname: '::1', port: '8080' },
  { url: 'http://u:p@a/b c', path: '/b%20c', host: 'a' },
  { url: 'http://a/\u00fc', path: '/%C3%BC' },
  { url: '/only/path?x#y', host: '', scheme: '', path: '/only/path' },
  { url: 'mailto:a', scheme: 'mailto', path: '' },
];

/** What becomes of nulls, numbers at the edges of their formats, URLs in rules, and a status at the wrong time. */
export const valueSteps: Step[] = [
  { what: 'CRD of gauges', method: 'POST', path: CRD, body: gauges, servedAt: GAUGE },
  post('nulls', {
    plain: null,
    nullable: null,
    defaulted: null,
    map: { a: null, b: 'x' },
    nullableMap: { a: null },
    list: [{ a: null }],
    object: { inner: null },
    free: { a: null },
    int32: null,
    portOrName: null,
  }),
  post('null in a list of texts', { texts: ['a', null] }),
  post('null object', { object: null }),
  { what: 'null spec', method: 'POST', path: GAUGE, body: gauge('nospec', {}, { spec: null }) },
  {
    what: 'nulls, applied',
    method: 'PATCH',
    path: `${GAUGE}/applied?fieldManager=one`,
    body: gauge('applied', { plain: null, nullable: null, map: { a: null }, defaulted: null }),
    type: 'application/apply-patch+yaml',
  },
  {
    what: 'nulls, merge patch',
    method: 'PATCH',
    path: `${GAUGE}/applied?fieldManager=two`,
    body: { spec: { list: [{ a: null }], nullable: 'x' } },
    type: 'application/merge-patch+json',
  },
  {
    what: 'nulls, json patch',
    method: 'PATCH',
    path: `${GAUGE}/applied?fieldManager=two`,
    body: [{ op: 'add', path: '/spec/plain', value: null }],
    type: 'application/json-patch+json',
  },
  ...[
    { int32: 2147483647 },
    { int32: 2147483648 },
    { int32: -2147483649 },
    { int64: 9007199254740991 },
    { uint32: 4294967296 },
    { uint32: -1 },
    { uint64: -1 },
    { plainInt: 1.5 },
    { plainInt: 3 },
    { int32: 1.5 },
    { int32: 'x' },
    { float: 1e39 },
    { float: 3 },
    { double: 1e300 },
    { portOrName: 1.5 },
    { portOrName: 4294967296 },
  ].map((spec) => post(`number ${JSON.stringify(spec)}`, spec)),
  ...parts.map((spec) => post(`parts of ${spec.url}`, spec)),
  ...urls.map((url) => post(`url ${JSON.stringify(url)}`, { url })),
  post('status text', {}, { status: 'nothing' }),
  post('status list', {}, { status: [1] }),
  post('status of a wrong shape', {}, { status: { phase: 7 } }),
];
