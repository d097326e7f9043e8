import { policy } from './policies.ts';

export interface Step {
  what: string;
  method: string;
  path: string;
  body?: unknown;
  type?: string;
  /** Goes on when this path is answered. */
  servedAt?: string;
}

const VS = '/apis/networking.istio.io/v1/namespaces/default/virtualservices';
const DEPLOY = '/apis/apps/v1/namespaces/default/deployments';
const CM = '/api/v1/namespaces/default/configmaps';
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
const STRATEGIC = 'application/strategic-merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

const parsed = (index: number, revision = 0): Record<string, unknown> =>
  JSON.parse(policy(index, revision).body) as Record<string, unknown>;
const apply = (what: string, path: string, manager: string, body: unknown, more = ''): Step => ({
  what,
  method: 'PATCH',
  path: `${path}?fieldManager=${manager}${more}`,
  body,
  type: APPLY,
});
const cm = (name: string, data: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});
const deployment = (containers: object[], more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers } },
    ...more,
  },
});
const widget = (spec: object, name = 'w') => ({
  apiVersion: 'diff.dev/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
});
const WIDGET = '/apis/diff.dev/v1/namespaces/default/widgets';
const item = (properties: object, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
});
const string = { type: 'string' };

const widgets = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.diff.dev' },
  spec: {
    group: 'diff.dev',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
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
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', minimum: 1, maximum: 10 },
                  mode: { type: 'string', enum: ['on', 'off'], default: 'on' },
                  tags: { type: 'array', items: string, 'x-kubernetes-list-type': 'set' },
                  parts: {
                    type: 'array',
                    maxItems: 3,
                    items: item({ name: string, a: string, b: string }, ['name']),
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                  },
                  plain: { type: 'array', items: string },
                  whole: {
                    type: 'object',
                    additionalProperties: string,
                    'x-kubernetes-map-type': 'atomic',
                  },
                  map: { type: 'object', additionalProperties: string },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  port: { 'x-kubernetes-int-or-string': true },
                  name: { type: 'string', minLength: 2, maxLength: 4, pattern: '^[a-z]+$' },
                },
                'x-kubernetes-validations': [
                  { rule: '!has(self.size) || self.size != 7', message: 'seven is taken' },
                ],
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};

/** One story, told to both servers. */
export const steps: Step[] = [
  {
    what: 'create',
    method: 'POST',
    path: CM,
    body: cm('a', { k: '1', l: '2' }, { labels: { x: 'y' } }),
  },
  { what: 'create again', method: 'POST', path: CM, body: cm('a', {}) },
  {
    what: 'merge patch',
    method: 'PATCH',
    path: `${CM}/a?fieldManager=patcher`,
    body: { data: { k: '2', m: '3' } },
    type: MERGE,
  },
  {
    what: 'json patch',
    method: 'PATCH',
    path: `${CM}/a?fieldManager=json`,
    body: [{ op: 'remove', path: '/data/l' }],
    type: JSON_PATCH,
  },
  {
    what: 'json patch that fails',
    method: 'PATCH',
    path: `${CM}/a`,
    body: [{ op: 'remove', path: '/data/none' }],
    type: JSON_PATCH,
  },
  apply('apply of the same value', `${CM}/a`, 'one', cm('a', { k: '2' })),
  apply('apply that conflicts', `${CM}/a`, 'one', cm('a', { k: '5', m: '6' })),
  apply('apply by force', `${CM}/a`, 'one', cm('a', { k: '5', m: '6' }), '&force=true'),
  apply('apply of less', `${CM}/a`, 'one', cm('a', { m: '6' })),
  apply('apply of nothing', `${CM}/a`, 'one', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
  }),
  apply('apply without a manager', `${CM}/a`, '', cm('a', {})),
  apply('apply with managedFields', `${CM}/a`, 'one', cm('a', {}, { managedFields: [{}] })),
  apply(
    'apply that creates',
    `${CM}/fresh`,
    'one',
    cm('fresh', { k: 'v' }, { labels: { l: 'v' }, annotations: { a: 'b' } }),
  ),
  { what: 'bad label', method: 'POST', path: CM, body: cm('bad', {}, { labels: { 'a b': 'c' } }) },
  { what: 'bad name', method: 'POST', path: CM, body: cm('Bad_Name', {}) },
  { what: 'no name', method: 'POST', path: CM, body: { apiVersion: 'v1', kind: 'ConfigMap' } },
  {
    what: 'unknown field, strict',
    method: 'POST',
    path: `${CM}?fieldValidation=Strict`,
    body: { ...cm('s', {}), spek: 1 },
  },
  { what: 'wrong namespace', method: 'POST', path: CM, body: cm('n', {}, { namespace: 'other' }) },
  {
    what: 'missing namespace',
    method: 'POST',
    path: '/api/v1/namespaces/nope/configmaps',
    body: cm('n', {}),
  },
  { what: 'get of nothing', method: 'GET', path: `${CM}/none` },
  {
    what: 'stale update',
    method: 'PUT',
    path: `${CM}/fresh`,
    body: cm('fresh', { z: '1' }, { resourceVersion: '1' }),
  },
  {
    what: 'unconditional update',
    method: 'PUT',
    path: `${CM}/fresh?fieldManager=put`,
    body: cm('fresh', { z: '1' }),
  },
  { what: 'wrong media type', method: 'PATCH', path: `${CM}/fresh`, body: {}, type: 'text/csv' },
  {
    what: 'delete with a wrong uid',
    method: 'DELETE',
    path: `${CM}/fresh`,
    body: { preconditions: { uid: 'nope' } },
  },
  { what: 'delete', method: 'DELETE', path: `${CM}/fresh` },

  apply(
    'deployment applied',
    `${DEPLOY}/web`,
    'one',
    deployment([
      { name: 'a', image: 'x:1', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] },
    ]),
  ),
  apply(
    'second applier, own container',
    `${DEPLOY}/web`,
    'two',
    deployment([{ name: 'b', image: 'y:1' }]),
  ),
  apply(
    'second applier, env in the first container',
    `${DEPLOY}/web`,
    'two',
    deployment([
      { name: 'b', image: 'y:1' },
      { name: 'a', env: [{ name: 'B', value: '2' }] },
    ]),
  ),
  apply(
    'first applier drops its port',
    `${DEPLOY}/web`,
    'one',
    deployment([{ name: 'a', image: 'x:2', env: [{ name: 'A', value: '1' }] }]),
  ),
  apply('image conflict', `${DEPLOY}/web`, 'two', deployment([{ name: 'a', image: 'z:9' }])),
  apply('item without its key', `${DEPLOY}/web`, 'two', deployment([{ image: 'z:9' }])),
  {
    what: 'strategic patch',
    method: 'PATCH',
    path: `${DEPLOY}/web?fieldManager=strategic`,
    body: {
      spec: {
        template: { spec: { containers: [{ name: 'a', env: [{ name: 'C', value: '3' }] }] } },
      },
    },
    type: STRATEGIC,
  },
  {
    what: 'scale',
    method: 'PATCH',
    path: `${DEPLOY}/web/scale?fieldManager=scaler`,
    body: { spec: { replicas: 4 } },
    type: MERGE,
  },
  {
    what: 'status',
    method: 'PATCH',
    path: `${DEPLOY}/web/status?fieldManager=controller`,
    body: { status: { replicas: 4 }, spec: { replicas: 9 } },
    type: MERGE,
  },
  apply('second applier leaves', `${DEPLOY}/web`, 'two', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
  }),

  { what: 'CRD', method: 'POST', path: CRD, body: widgets, servedAt: WIDGET },
  apply(
    'widget applied',
    `${WIDGET}/w`,
    'one',
    widget({
      size: 2,
      tags: ['a', 'b'],
      parts: [{ name: 'p', a: '1' }],
      whole: { a: 'b' },
      map: { a: 'b' },
      free: { x: [1], y: { z: 1 } },
    }),
  ),
  apply(
    'widget, second applier',
    `${WIDGET}/w`,
    'two',
    widget({
      tags: ['c', 'a'],
      parts: [
        { name: 'q', a: '1' },
        { name: 'p', b: '2' },
      ],
      map: { c: 'd' },
      free: { y: { w: 2 } },
    }),
  ),
  apply(
    'widget, atomic conflict',
    `${WIDGET}/w`,
    'two',
    widget({ whole: { c: 'd' }, plain: ['x'] }),
  ),
  apply('widget, first lets go', `${WIDGET}/w`, 'one', widget({ size: 2 })),
  apply('widget, empty maps', `${WIDGET}/w`, 'three', widget({ map: {}, free: {} })),
  {
    what: 'widget, merge patch',
    method: 'PATCH',
    path: `${WIDGET}/w?fieldManager=patcher`,
    body: { spec: { parts: [{ name: 'q', a: '7' }, { name: 'r' }] } },
    type: MERGE,
  },
  {
    what: 'widget, many errors',
    method: 'POST',
    path: WIDGET,
    body: widget(
      { size: 20, mode: 'no', name: 'A', plain: [1], port: 1.5, parts: [{ a: '1' }] },
      'x',
    ),
  },
  { what: 'widget, rule', method: 'POST', path: WIDGET, body: widget({ size: 7 }, 'x') },
  {
    what: 'widget, lengths',
    method: 'POST',
    path: WIDGET,
    body: widget({ name: 'abcdef', parts: ['a', 'b', 'c', 'd'].map((name) => ({ name })) }, 'x'),
  },
  {
    what: 'widget, duplicates',
    method: 'POST',
    path: WIDGET,
    body: widget({ tags: ['a', 'a'], parts: [{ name: 'p' }, { name: 'p' }] }, 'x'),
  },
  {
    what: 'widget, wrong types',
    method: 'POST',
    path: WIDGET,
    body: widget({ size: 'x', tags: 'y', map: [], whole: { a: 1 } }, 'x'),
  },
  {
    what: 'widget, strict unknown',
    method: 'POST',
    path: `${WIDGET}?fieldValidation=Strict`,
    body: widget({ sise: 1, free: { ok: 1 } }, 'x'),
  },
  {
    what: 'widget, patched unknown, strict',
    method: 'PATCH',
    path: `${WIDGET}/w?fieldValidation=Strict`,
    body: { spec: { sise: 1 } },
    type: MERGE,
  },
  {
    what: 'widget, put without version',
    method: 'PUT',
    path: `${WIDGET}/w`,
    body: widget({ size: 1 }),
  },
  {
    what: 'widget, status',
    method: 'PATCH',
    path: `${WIDGET}/w/status?fieldManager=controller`,
    body: { status: { ready: true, list: [1] } },
    type: MERGE,
  },
  apply('widget, status applied', `${WIDGET}/w/status`, 'applier', {
    ...widget({ size: 9 }),
    status: { phase: 'x' },
  }),
  { what: 'widget, strategic', method: 'PATCH', path: `${WIDGET}/w`, body: {}, type: STRATEGIC },
  { what: 'widget, bad selector', method: 'GET', path: `${WIDGET}?fieldSelector=spec.size%3D1` },
  { what: 'widget, bad label selector', method: 'GET', path: `${WIDGET}?labelSelector=a%20in%20(` },

  { what: 'policy', method: 'POST', path: VS, body: parsed(0) },
  apply('policy applied', `${VS}/${policy(0).name}`, 'one', parsed(0, 1), '&force=true'),
  {
    what: 'policy refused',
    method: 'PATCH',
    path: `${VS}/${policy(0).name}`,
    body: { spec: { http: [{ timeout: '1us' }] } },
    type: MERGE,
  },
  {
    what: 'policy deleted in the foreground',
    method: 'DELETE',
    path: `${VS}/${policy(0).name}`,
    body: { propagationPolicy: 'Orphan' },
  },
];

/** Where this server differs and means to, or does not matter. */
export const known: Record<string, string> = {
  'json patch that fails': 'says which operation failed',
  'apply of nothing': 'an emptied map that somebody owns stays as {}',
  'wrong media type': 'names the media types it takes',
  'item without its key': 'is refused before the merge, with 400',
  'deployment applied': 'image pull policy is not defaulted, an empty status not shown',
  'second applier, own container': 'as above',
  'second applier, env in the first container': 'as above',
  'first applier drops its port': 'as above',
  'strategic patch': 'as above',
  status: 'as above',
  'second applier leaves': 'as above',
  CRD: 'is established at once',
  'CRD of gauges': 'as above',
  'status text': 'keeps the managed fields, which kube-apiserver loses',
  'status list': 'as above',
  'status of a wrong shape': 'as above',
  'widget, patched unknown, strict': 'does not repeat the whole object in its message',
  'widget, bad label selector': 'says it in other words',
};
