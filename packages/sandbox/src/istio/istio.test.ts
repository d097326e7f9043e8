import { describe, expect, test } from 'vitest';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { installerInput } from '@ambit/istio/values';
import type { Action } from '../client/actions.ts';
import type { Namespace, Pod, WebhookConfiguration } from '../objects.ts';
import { sandboxReleases } from '../releases/catalogue.ts';
import { renderSandboxRelease } from '../releases/render.ts';
import { made, readyPod, viewOf } from '../testing/world.ts';
import { decideEnrolment, redirection, wantsAmbient } from './ambient.ts';
import { proxyMayBeReady, proxySettings } from './control-plane.ts';
import { decideGateway } from './gateway.ts';
import { injected, injectorFor } from './inject.ts';
import { decideIstiod } from './istiod.ts';
import { decideRoute } from './route-status.ts';
import { decideBinding } from './waypoint-binding.ts';

const now = new Date('2026-01-01T00:00:00Z');
const release = sandboxReleases[0]!;
const objects = renderSandboxRelease(
  release.version,
  installerInput({ release, profile: 'ambient', options: meshOptionsSchema.parse({}) }),
);
const webhooks = objects
  .filter(({ kind }) => kind === 'MutatingWebhookConfiguration')
  .map((object) => object as unknown as WebhookConfiguration);

const plane = { namespace: 'istio-system', name: 'istiod', revision: 'default', ready: true };
const istiod = (readyReplicas: number) =>
  made('deployments.apps', {
    metadata: { name: 'istiod', namespace: 'istio-system', labels: { app: 'istiod' } },
    spec: {
      template: { spec: { containers: [{ name: 'discovery', image: 'hub.example/pilot:9.9' }] } },
    },
    status: { readyReplicas },
  });

describe('injection by the selectors of a release', () => {
  const pod = (labels: Record<string, string> = {}, spec: Partial<Pod['spec']> = {}): Pod =>
    made('pods', {
      metadata: { name: 'p', labels },
      spec: { containers: [{ name: 'app', image: 'app:v1' }], ...spec },
    });

  test.each([
    ['a namespace that says so', { 'istio-injection': 'enabled' }, {}, true],
    [
      'a namespace that says no',
      { 'istio-injection': 'disabled' },
      { 'sidecar.istio.io/inject': 'true' },
      false,
    ],
    ['a namespace that says nothing', {}, {}, false],
    ['a pod that says so', {}, { 'sidecar.istio.io/inject': 'true' }, true],
    [
      'a pod that says no',
      { 'istio-injection': 'enabled' },
      { 'sidecar.istio.io/inject': 'false' },
      false,
    ],
    ['a revision on the namespace', { 'istio.io/rev': 'default' }, {}, true],
    ['a revision on the pod', {}, { 'istio.io/rev': 'default' }, true],
    ['another revision', { 'istio.io/rev': 'canary' }, {}, false],
  ])('%s', (_what, namespace, labels, is) => {
    expect(
      injectorFor(pod(labels), namespace as Record<string, string>, webhooks) !== undefined,
    ).toBe(is);
  });

  test('never twice, and never on the network of the node', () => {
    const enabled = { 'istio-injection': 'enabled' };
    const twice = { ...pod(), ...injected(pod(), { image: 'proxy:1' }, 'default') };
    expect(injectorFor(twice, enabled, webhooks)).toBeUndefined();
    expect(injectorFor(pod({}, { hostNetwork: true }), enabled, webhooks)).toBeUndefined();
  });

  test('adds istio-init, then the proxy as a native sidecar, before what is there', () => {
    const own = { name: 'own', image: 'own:1' };
    const { spec, metadata } = injected(
      pod({ app: 'cart' }, { initContainers: [own] }),
      { image: 'proxy:1' },
      'default',
    );
    expect(spec.initContainers?.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([
      ['istio-init', undefined],
      ['istio-proxy', 'Always'],
      ['own', undefined],
    ]);
    expect(metadata.labels).toMatchObject({ 'service.istio.io/canonical-name': 'cart' });
    expect(metadata.annotations?.['istio.io/rev']).toBe('default');
  });

  test('takes its image from the values of the release, else from istiod', () => {
    const values = JSON.stringify({ global: { hub: 'other.example', tag: '1.2' } });
    const map = made('configmaps', {
      metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
      data: { values },
    });
    const deployments = [istiod(1)];
    expect(
      proxySettings(viewOf({ 'deployments.apps': deployments, configmaps: [map] }), plane).image,
    ).toBe('other.example/proxyv2:1.2');
    expect(proxySettings(viewOf({ 'deployments.apps': deployments }), plane).image).toBe(
      'hub.example/proxyv2:9.9',
    );
  });

  test('a proxy is ready only once istiod is; an application needs nobody', () => {
    const proxy = { name: 'istio-proxy', image: 'p' };
    const away = viewOf({ 'deployments.apps': [istiod(0)] });
    expect(proxyMayBeReady(pod(), proxy, away)).toBe(false);
    expect(proxyMayBeReady(pod(), { name: 'app', image: 'a' }, away)).toBe(true);
    expect(proxyMayBeReady(pod(), proxy, viewOf({ 'deployments.apps': [istiod(1)] }))).toBe(true);
  });
});

test('istiod fills in the webhooks and writes what it needs, once', () => {
  const namespaces = ['shop', 'istio-system'].map(
    (name) => made('namespaces', { metadata: { name } }) as Namespace,
  );
  const validating = made('validatingwebhookconfigurations.admissionregistration.k8s.io', {
    metadata: { name: 'v', labels: { 'istio.io/rev': 'default' } },
    webhooks: [{ name: 'a', failurePolicy: 'Ignore', clientConfig: {} }],
  });
  const view = viewOf({
    namespaces,
    'validatingwebhookconfigurations.admissionregistration.k8s.io': [validating],
  });
  const { actions } = decideIstiod(plane, view, now);
  const created = actions.flatMap((one) =>
    one.do === 'create'
      ? [`${one.object.kind} ${one.object.metadata.namespace}/${one.object.metadata.name}`]
      : [],
  );
  expect(created).toContain('ConfigMap shop/istio-ca-root-cert');
  expect(created).toContain('Secret istio-system/istio-ca-secret');
  const [patch] = actions.filter((one) => one.do === 'patch') as Extract<Action, { do: 'patch' }>[];
  expect(patch?.patch).toMatchObject({
    webhooks: [{ failurePolicy: 'Fail', clientConfig: { caBundle: expect.any(String) } }],
  });
});

describe('ambient', () => {
  const ambient = { 'istio.io/dataplane-mode': 'ambient' };
  test.each([
    ['its namespace', readyPod('p'), ambient, true],
    ['nobody', readyPod('p'), {}, false],
    ['its own label', readyPod('p', { labels: ambient }), {}, true],
    [
      'its own no',
      readyPod('p', { labels: { 'istio.io/dataplane-mode': 'none' } }),
      ambient,
      false,
    ],
    ['but it has a sidecar', readyPod('p', { sidecar: true }), ambient, false],
  ])('a pod is wanted by %s', (_who, pod, labels, is) => {
    expect(wantsAmbient(pod, labels as Record<string, string>)).toBe(is);
  });

  test('takes pods in where there is a ztunnel, and lets them go', () => {
    expect(decideEnrolment(readyPod('p'), ambient, false).actions).toEqual([]);
    expect(JSON.stringify(decideEnrolment(readyPod('p'), ambient, true))).toContain('"enabled"');
    const inside = readyPod('p', { annotations: { [redirection]: 'enabled' } });
    expect(decideEnrolment(inside, ambient, true).actions).toEqual([]);
    // A pod that the CNI misses, by a fault, is left alone, and loses what it had.
    expect(decideEnrolment(readyPod('p'), ambient, true, true).actions).toEqual([]);
    expect(JSON.stringify(decideEnrolment(inside, ambient, true, true))).toContain('null');
    expect(decideEnrolment(inside, {}, true).actions).toMatchObject([
      { patch: { metadata: { annotations: { [redirection]: null } } } },
    ]);
  });
});

describe('waypoints', () => {
  const gateway = (
    more: {
      annotations?: Record<string, string>;
      status?: object;
      labels?: Record<string, string>;
    } = {},
  ) =>
    made('gateways.gateway.networking.k8s.io', {
      metadata: {
        name: 'waypoint',
        labels: more.labels ?? {},
        ...(more.annotations ? { annotations: more.annotations } : {}),
      },
      spec: {
        gatewayClassName: 'istio-waypoint',
        listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }],
      },
      ...(more.status ? { status: more.status } : {}),
    });
  const kindsMade = (actions: Action[]) =>
    actions.flatMap((one) => (one.do === 'create' ? [one.object.kind] : []));

  test('get a proxy, unless somebody else deploys it', () => {
    const view = viewOf({ 'deployments.apps': [istiod(1)] });
    expect(kindsMade(decideGateway(gateway(), plane, view, now).actions)).toEqual([
      'ServiceAccount',
      'Service',
      'Deployment',
    ]);
    const managed = gateway({ annotations: { 'gateway.istio.io/controller-version': '999' } });
    expect(kindsMade(decideGateway(managed, plane, view, now).actions)).toEqual([]);
  });

  test('keep their address while no proxy runs', () => {
    const service = made('services', {
      metadata: { name: 'waypoint' },
      spec: { clusterIP: '10.96.0.9' },
    });
    const view = viewOf({ 'deployments.apps': [istiod(1)], services: [service] });
    const programmed = (object: ReturnType<typeof gateway>) =>
      JSON.stringify(decideGateway(object, plane, view, now).actions).includes(
        '"Programmed","status":"True"',
      );
    expect(programmed(gateway())).toBe(false);
    expect(
      programmed(gateway({ status: { addresses: [{ type: 'IPAddress', value: '10.96.0.9' }] } })),
    ).toBe(true);
  });

  const programmed = { conditions: [{ type: 'Programmed', status: 'True' }] };
  test.each([
    ['WaypointAccepted', [gateway({ status: programmed })]],
    ['WaypointIsNotReady', [gateway()]],
    ['WaypointIsNotReady', []],
    [
      'UnsupportedTrafficType',
      [gateway({ status: programmed, labels: { 'istio.io/waypoint-for': 'workload' } })],
    ],
  ])('a Service is told %s', (reason, gateways) => {
    const service = made('services', {
      metadata: { name: 'cart', labels: { 'istio.io/use-waypoint': 'waypoint' } },
      spec: {},
    });
    const view = viewOf({ 'gateways.gateway.networking.k8s.io': gateways });
    expect(decideBinding(service, view, now).actions).toMatchObject([
      { status: { conditions: [{ reason }] } },
    ]);
  });

  test('of another namespace need its leave', () => {
    const labels = {
      'istio.io/use-waypoint': 'waypoint',
      'istio.io/use-waypoint-namespace': 'shop',
    };
    const service = made('services', {
      metadata: { name: 'far', namespace: 'other', labels },
      spec: {},
    });
    const view = viewOf({
      'gateways.gateway.networking.k8s.io': [gateway({ status: programmed })],
    });
    expect(decideBinding(service, view, now).actions).toMatchObject([
      { status: { conditions: [{ reason: 'AttachmentDenied' }] } },
    ]);
  });

  test.each([
    [undefined, 'AttachmentDenied'],
    [{ matchLabels: { team: 'a' } }, 'WaypointAccepted'],
    [{ matchLabels: { team: 'b' } }, 'AttachmentDenied'],
    [{ matchExpressions: [{ key: 'team', operator: 'In', values: ['a'] }] }, 'WaypointAccepted'],
  ])('of another namespace with selector %j: %s', (selector, reason) => {
    const allowedRoutes = { namespaces: { from: 'Selector', ...(selector ? { selector } : {}) } };
    const service = made('services', {
      metadata: {
        name: 'far',
        namespace: 'other',
        labels: {
          'istio.io/use-waypoint': 'waypoint',
          'istio.io/use-waypoint-namespace': 'shop',
        },
      },
      spec: {},
    });
    const found = gateway({ status: programmed });
    const view = viewOf({
      namespaces: [made('namespaces', { metadata: { name: 'other', labels: { team: 'a' } } })],
      'gateways.gateway.networking.k8s.io': [
        {
          ...found,
          spec: {
            ...found.spec,
            listeners: [{ name: 'mesh', port: 15_008, protocol: 'HBONE', allowedRoutes }],
          },
        },
      ],
    });
    expect(decideBinding(service, view, now).actions).toMatchObject([
      { status: { conditions: [{ reason }] } },
    ]);
  });

  test('the condition goes with the label', () => {
    const service = made('services', {
      metadata: { name: 'cart' },
      spec: {},
      status: { conditions: [{ type: 'istio.io/WaypointBound', status: 'True' }] },
    });
    expect(decideBinding(service, viewOf({}), now).actions).toMatchObject([
      { status: { conditions: [] } },
    ]);
  });
});

test('an HTTPRoute is told which parent and which backend is missing', () => {
  const route = made('httproutes.gateway.networking.k8s.io', {
    metadata: { name: 'r' },
    spec: {
      parentRefs: [{ kind: 'Service', name: 'cart' }, { name: 'nowhere' }],
      rules: [{ backendRefs: [{ name: 'lost' }] }],
    },
  });
  const cart = made('services', { metadata: { name: 'cart' }, spec: {} });
  const { actions } = decideRoute(route, viewOf({ services: [cart] }), now);
  const [{ status }] = actions as unknown as [
    { status: { parents: { conditions: { reason: string }[] }[] } },
  ];
  expect(status.parents.map(({ conditions }) => conditions.map(({ reason }) => reason))).toEqual([
    ['Accepted', 'BackendNotFound'],
    ['NoMatchingParent', 'BackendNotFound'],
  ]);
});
