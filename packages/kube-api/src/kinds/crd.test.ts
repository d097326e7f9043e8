import { describe, expect, test } from 'vitest';
import { clusterKinds } from './native.ts';
import { createRegistry } from './registry.ts';
import { compileRule } from '../schema/rules.ts';
import { call, watching } from '../testing/call.ts';
import { meshKinds } from '../testing/crds.ts';
import { testApi } from '../testing/server.ts';
import { isObject } from '../types.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = '/apis/test.dev/v1/namespaces/default/widgets';

const crd = (schema: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.test.dev' },
  spec: {
    group: 'test.dev',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', shortNames: ['wd'] },
    versions: ['v1', 'v1beta1'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      subresources: { status: {} },
      additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              required: ['size'],
              properties: {
                size: { type: 'integer', minimum: 1, maximum: 10 },
                mode: { type: 'string', enum: ['on', 'off'], default: 'on' },
                max: { type: 'integer' },
                port: { 'x-kubernetes-int-or-string': true },
                fixed: {
                  type: 'string',
                  'x-kubernetes-validations': [
                    { rule: 'self == oldSelf', message: 'is immutable' },
                  ],
                },
                free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
              'x-kubernetes-validations': [
                {
                  rule: '!has(self.max) || self.size <= self.max',
                  messageExpression: '"size is over " + string(self.max)',
                  fieldPath: '.size',
                },
              ],
              ...schema,
            },
            status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      },
    })),
  },
});
const widget = (spec: object, name = 'w') => ({
  apiVersion: 'test.dev/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
});

describe('kinds created through the API', () => {
  const withWidgets = async () => {
    const api = testApi();
    const made = await call(api, 'POST', CRDS, crd());
    expect(made.status).toBe(201);
    expect(made.body.status).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Established', status: 'True' }),
      ]),
    });
    return api;
  };

  test('are served at once, with defaults, pruning and both versions', async () => {
    const api = await withWidgets();
    const made = await call(
      api,
      'POST',
      WIDGETS,
      widget({ size: 2, odd: 1, free: { any: [1] }, port: 'http' }),
    );
    expect(made.body.spec).toEqual({ size: 2, mode: 'on', free: { any: [1] }, port: 'http' });
    const other = await call(api, 'GET', WIDGETS.replace('v1', 'v1beta1') + '/w');
    expect(other.body).toMatchObject({ apiVersion: 'test.dev/v1beta1', spec: { size: 2 } });
    const list = await call(api, 'GET', WIDGETS.replace('v1', 'v1beta1'));
    expect(list.body).toMatchObject({
      kind: 'WidgetList',
      apiVersion: 'test.dev/v1beta1',
      items: [{ apiVersion: 'test.dev/v1beta1', kind: 'Widget' }],
    });
    const watch = await watching(api, `${WIDGETS.replace('v1', 'v1beta1')}?watch=1`);
    expect((await watch.next())!.object.apiVersion).toBe('test.dev/v1beta1');
    await watch.stop();
    const table = await call(api, 'GET', WIDGETS, undefined, {
      accept: 'application/json;as=Table;g=meta.k8s.io;v=v1',
    });
    expect(table.body).toMatchObject({
      columnDefinitions: [{ name: 'Name' }, { name: 'Size' }],
      rows: [{ cells: ['w', 2] }],
    });
  });

  test('name every field that is wrong, with its path', async () => {
    const api = await withWidgets();
    const wrong = await call(api, 'POST', WIDGETS, widget({ size: 20, mode: 'maybe', port: [] }));
    expect(wrong.body).toMatchObject({
      code: 422,
      message: expect.stringContaining('Widget.test.dev "w" is invalid: ['),
      details: {
        causes: expect.arrayContaining([
          {
            reason: 'FieldValueInvalid',
            field: 'spec.size',
            message: 'Invalid value: 20: spec.size in body should be less than or equal to 10',
          },
          {
            reason: 'FieldValueNotSupported',
            field: 'spec.mode',
            message: 'Unsupported value: "maybe": supported values: "on", "off"',
          },
          expect.objectContaining({ reason: 'FieldValueTypeInvalid', field: 'spec.port' }),
        ]),
      },
    });
    const missing = await call(api, 'POST', WIDGETS, widget({}));
    expect(missing.body.details).toHaveProperty(
      'causes',
      expect.arrayContaining([
        {
          reason: 'FieldValueRequired',
          field: 'spec.size',
          message: 'Required value',
        },
      ]),
    );
  });

  test('obey their CEL rules, those over the old value too', async () => {
    const api = await withWidgets();
    const over = await call(api, 'POST', WIDGETS, widget({ size: 5, max: 3 }));
    expect(over.body.message).toBe(
      'Widget.test.dev "w" is invalid: spec.size: Invalid value: "object": size is over 3',
    );
    await call(api, 'POST', WIDGETS, widget({ size: 1, fixed: 'a' }));
    const merge = { type: 'application/merge-patch+json' };
    const changed = await call(api, 'PATCH', `${WIDGETS}/w`, { spec: { fixed: 'b' } }, merge);
    expect(changed.body.message).toContain('is immutable');
    expect((await call(api, 'PATCH', `${WIDGETS}/w`, { spec: { size: 2 } }, merge)).status).toBe(
      200,
    );
  });

  test('take no strategic merge patch, and want a resourceVersion for PUT', async () => {
    const api = await withWidgets();
    await call(api, 'POST', WIDGETS, widget({ size: 1 }));
    const strategic = await call(
      api,
      'PATCH',
      `${WIDGETS}/w`,
      {},
      { type: 'application/strategic-merge-patch+json' },
    );
    expect(strategic.status).toBe(415);
    const put = await call(api, 'PUT', `${WIDGETS}/w`, widget({ size: 2 }));
    expect(put.body.message).toContain('must be specified for an update');
  });

  test('go with their CRD, their objects with them, and who watches them learns it', async () => {
    const api = await withWidgets();
    const watch = await watching(api, `${WIDGETS}?watch=1`);
    await call(api, 'POST', WIDGETS, widget({ size: 1 }));
    await call(api, 'DELETE', `${CRDS}/widgets.test.dev`);
    await api.idle();
    const types: string[] = [];
    for (let event = await watch.next(); event; event = await watch.next()) types.push(event.type);
    expect(types[0]).toBe('ADDED');
    expect((await call(api, 'GET', WIDGETS)).status).toBe(404);
    await call(api, 'POST', CRDS, crd());
    expect((await call(api, 'GET', WIDGETS)).body.items).toEqual([]);
  });

  test('CRDs that cannot be served are refused with the reason', async () => {
    const api = testApi();
    const refusal = async (change: (body: ReturnType<typeof crd>) => void) => {
      const body = crd();
      change(body);
      const answer = await call(api, 'POST', CRDS, body);
      expect(answer.status).toBe(422);
      return String(answer.body.message);
    };
    expect(await refusal((body) => (body.metadata.name = 'x.test.dev'))).toContain(
      'spec.names.plural',
    );
    expect(
      await refusal((body) => body.spec.versions.forEach((version) => (version.storage = false))),
    ).toContain('exactly one version');
    expect(
      await refusal((body) => Object.assign(body.spec, { conversion: { strategy: 'Webhook' } })),
    ).toContain('strategy None only');
    const rules = { 'x-kubernetes-validations': [{ rule: 'self.size >' }] };
    const broken = await call(api, 'POST', CRDS, crd(rules));
    expect(broken.body.message).toContain('compilation failed');
  });

  test('a thousand APIs share one registry and do not see each other', async () => {
    const registry = createRegistry(clusterKinds);
    const [one, two] = [testApi({ kinds: registry }), testApi({ kinds: registry })];
    await call(one, 'POST', CRDS, crd());
    expect((await call(one, 'GET', WIDGETS)).status).toBe(200);
    expect((await call(two, 'GET', WIDGETS)).status).toBe(404);
  });
});

const mesh = await meshKinds();

describe.skipIf(mesh === undefined)('the CRDs of Istio and the Gateway API', () => {
  const kinds = createRegistry([...clusterKinds, ...(mesh ?? [])]);

  test('every CEL rule in them compiles', () => {
    const rules = new Set<string>();
    const collect = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(collect);
      else if (isObject(value)) {
        for (const [key, inner] of Object.entries(value)) {
          if (key === 'x-kubernetes-validations') {
            for (const rule of inner as { rule: string }[]) rules.add(rule.rule);
          } else collect(inner);
        }
      }
    };
    mesh!.forEach((kind) => collect(kind.crd));
    expect(rules.size).toBeGreaterThan(100);
    for (const rule of rules) expect(() => compileRule(rule), rule).not.toThrow();
  });

  test('are listed as CRDs, and cannot be changed', async () => {
    const api = testApi({ kinds });
    const one = await call(api, 'GET', `${CRDS}/virtualservices.networking.istio.io`);
    expect(one.body.spec).toMatchObject({ group: 'networking.istio.io' });
    const first = await call(api, 'GET', `${CRDS}?limit=5`);
    const next = await call(
      api,
      'GET',
      `${CRDS}?continue=${encodeURIComponent(String(first.body.metadata.continue))}`,
    );
    expect(
      (first.body.items as unknown as []).length + (next.body.items as unknown as []).length,
    ).toBe(mesh!.length);
    expect((await call(api, 'DELETE', `${CRDS}/virtualservices.networking.istio.io`)).status).toBe(
      403,
    );
  });

  test.each([
    [
      'VirtualService',
      'networking.istio.io/v1',
      'virtualservices',
      { hosts: ['a'], http: [{ timeout: '0.1ms', route: [{ destination: { host: 'a' } }] }] },
      'must be a valid duration greater than 1ms',
    ],
    [
      'Gateway',
      'networking.istio.io/v1',
      'gateways',
      { servers: [{ port: { number: 0, name: 'p', protocol: 'HTTP' }, hosts: ['*'] }] },
      '',
    ],
    [
      'ServiceEntry',
      'networking.istio.io/v1',
      'serviceentries',
      { hosts: ['a.b'], ports: [{ number: 70000, name: 'x' }], resolution: 'NONE' },
      'port must be between 1-65535',
    ],
    [
      'AuthorizationPolicy',
      'security.istio.io/v1',
      'authorizationpolicies',
      {
        selector: { matchLabels: { a: 'b' } },
        targetRef: { kind: 'Gateway', group: 'gateway.networking.k8s.io', name: 'g' },
      },
      'only one of',
    ],
    [
      'PeerAuthentication',
      'security.istio.io/v1',
      'peerauthentications',
      { portLevelMtls: { 80: { mode: 'STRICT' } } },
      'portLevelMtls requires selector',
    ],
    [
      'RequestAuthentication',
      'security.istio.io/v1',
      'requestauthentications',
      { jwtRules: [{ issuer: 'i', jwksUri: 'ftp://x' }] },
      'http',
    ],
    [
      'HTTPRoute',
      'gateway.networking.k8s.io/v1',
      'httproutes',
      { rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/a//b' } }] }] },
      "must not contain '//'",
    ],
  ])('%s: what its rules refuse is refused', async (kind, apiVersion, plural, spec, message) => {
    const api = testApi({ kinds });
    const path = `/apis/${apiVersion}/namespaces/default/${plural}`;
    const answer = await call(api, 'POST', path, {
      apiVersion,
      kind,
      metadata: { name: 'x' },
      spec,
    });
    if (message === '') expect(answer.status).toBe(201);
    else
      expect(answer.body).toMatchObject({ code: 422, message: expect.stringContaining(message) });
  });

  test('an HTTPRoute gets its defaults, and co-ownership of parentRefs is by its keys', async () => {
    const api = testApi({ kinds });
    const path = '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes';
    const made = await call(api, 'POST', path, {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'r' },
      spec: { parentRefs: [{ name: 'gw' }], rules: [{ backendRefs: [{ name: 'svc', port: 80 }] }] },
    });
    expect(made.body.spec).toMatchObject({
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'gw' }],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [{ group: '', kind: 'Service', weight: 1 }],
        },
      ],
    });
  });
});
