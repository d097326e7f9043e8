import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AdmissionSettings } from '@ambit/contracts/agent/admission';
import type { KubeObject } from '@ambit/contracts/common';
import { applyObject, readObject, type Cluster } from '../../kube/objects.ts';
import { makeResources } from '../../kube/resources.ts';
import { definition, namespaceObject } from '../../testing/bundles.ts';
import {
  bedBinaries,
  bedMissing,
  freePort,
  startKubeBed,
  type KubeBed,
} from '../../testing/kube-bed.ts';
import { bundleLabel, refOf } from '../bundle/applyset.ts';
import { webhookName } from './configuration.ts';
import { serveInThread } from './in-thread.ts';
import { makeAdmission, type Admission } from './manager.ts';
import type { AdmissionInput } from './run.ts';
import { serveHere } from './serve-here.ts';

const binaries = bedBinaries();
if (!binaries) console.warn(bedMissing);

const signal = new AbortController().signal;
const agentNamespace = 'ambit-system';
const started: Admission[] = [];
let bed: KubeBed;
let cluster: Cluster;

beforeAll(async () => {
  if (!binaries) return;
  bed = await startKubeBed(binaries);
  cluster = { client: bed.admin, resources: makeResources(bed.admin) };
  for (const name of [agentNamespace, 'istio-system', 'shop']) await make(namespaceObject(name));
  await make(definition('networking.istio.io', 'VirtualService'));
  await make(definition('networking.istio.io', 'DestinationRule'));
  await make(definition('gateway.networking.k8s.io', 'Gateway'));
  await make(definition('security.istio.io', 'AuthorizationPolicy'));
  await make({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'agent-may-all' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'ambit-agent', namespace: agentNamespace }],
  } as KubeObject);
});
afterEach(async () => {
  for (const admission of started.splice(0)) {
    admission.want(null);
    await until(async () => expect(await configured()).toBeNull());
    await admission.stop();
  }
});
afterAll(() => bed?.stop());

const make = (object: KubeObject) =>
  applyObject(cluster, object, { manager: 'somebody', force: true }, signal);
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 60_000, interval: 50 });
const configured = () =>
  readObject(
    cluster,
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      name: webhookName,
    },
    signal,
  );
const clientOf = (object: KubeObject | null) =>
  (object as unknown as { webhooks: { clientConfig: { caBundle: string; url: string } }[] } | null)
    ?.webhooks[0]?.clientConfig;
const caOf = (object: KubeObject | null) => clientOf(object)?.caBundle;
const urlOf = (object: KubeObject | null) => new URL(clientOf(object)?.url ?? '');

/** What a new connection is answered with at this moment. */
const servedCertificate = ({ hostname, port }: URL) =>
  new Promise<X509Certificate>((resolve, reject) => {
    const socket = connect(
      { host: hostname, port: Number(port), rejectUnauthorized: false },
      () => {
        resolve(new X509Certificate(socket.getPeerX509Certificate()!.raw));
        socket.destroy();
      },
    );
    socket.once('error', reject);
  });

/** @param bundle base64 of PEM */
const isTrusted = (certificate: X509Certificate, bundle = '') =>
  Buffer.from(bundle, 'base64')
    .toString('utf8')
    .split(/(?=-----BEGIN)/)
    .some((pem) => pem.includes('BEGIN') && certificate.verify(new X509Certificate(pem).publicKey));

const settings = (more: Partial<AdmissionSettings> = {}): AdmissionSettings => ({
  mode: 'deny',
  rules: { '*': 'off', IST0101: 'deny' },
  suppressions: [],
  alone: true,
  meshConfig: {},
  ...more,
});

const route = (name: string, host = 'nowhere', more = {}, namespace = 'shop'): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name, namespace, ...more },
    spec: { hosts: [`${name}.example.com`], http: [{ route: [{ destination: { host } }] }] },
  }) as KubeObject;

const service = (name: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { ports: [{ name: 'http', port: 80 }], selector: { app: name } },
  }) as KubeObject;

interface Said {
  ok: boolean;
  text: string;
}

/** Real kubectl against the real API server. */
function kubectl(args: string[], objects: KubeObject[] = [], config = bed.kubeconfig) {
  return new Promise<Said>((resolve) => {
    const program = join(dirname(binaries!.apiserver), 'kubectl');
    const child = execFile(program, ['--kubeconfig', config, ...args], (error, out, err) =>
      resolve({ ok: error === null, text: out + err }),
    );
    child.stdin?.end(objects.map((object) => JSON.stringify(object)).join('\n'));
  });
}
const apply = (objects: KubeObject[], args: string[] = [], config?: string) =>
  kubectl(['apply', '--validate=false', '-f', '-', ...args], objects, config);

/** An agent's admission, asked by the API server from now on; as a thread of its own only where a test says so. */
async function startAdmission(
  wanted = settings(),
  more: Partial<AdmissionInput> = {},
  serve = serveHere,
): Promise<Admission> {
  const port = await freePort();
  const input = {
    cluster,
    place: { namespace: agentNamespace, port, url: `https://127.0.0.1:${port}` },
    nowMs: Date.now,
    say: () => {},
    ...more,
    // Nothing passes here because the machine is busy.
    timing: { answerS: 20, ...more.timing },
  };
  const admission = makeAdmission(input, serve);
  started.push(admission);
  admission.want(wanted);
  await until(async () => {
    const { text } = await apply([route('probe')], ['--dry-run=server']);
    expect(text).toContain('IST0101');
  });
  return admission;
}

describe.skipIf(!binaries)('admission in a cluster', () => {
  it('denies what would be found, with code, cause and fix, and stores nothing of it', async () => {
    await startAdmission();
    const { ok, text } = await apply([route('denied')]);
    expect(ok).toBe(false);
    expect(text).toContain(
      'admission webhook "admission.ambit.dev" denied the request: the mesh denies what it would introduce: IST0101 VirtualService shop/denied',
    );
    expect(text).toMatch(/nowhere.*Fix: /s);
    expect(await readObject(cluster, refOf(route('denied')), signal)).toBeNull();
  });

  it('lets a service and what routes to it come together, and denies to delete the service then', async () => {
    await startAdmission();
    const both = await apply([service('web'), route('web', 'web')]);
    expect(both).toEqual({ ok: true, text: expect.not.stringContaining('Warning') });
    const deleted = await kubectl(['delete', 'service', 'web', '-n', 'shop']);
    expect(deleted).toEqual({
      ok: false,
      text: expect.stringContaining('IST0101 VirtualService shop/web'),
    });
    expect((await kubectl(['delete', 'virtualservice', 'web', '-n', 'shop'])).ok).toBe(true);
    expect((await kubectl(['delete', 'service', 'web', '-n', 'shop'])).ok).toBe(true);
  });

  it('warns where the rule says so, once, and counts nothing that is there already', async () => {
    await startAdmission(settings({ rules: { '*': 'off', IST0101: 'warn' } }));
    const first = await apply([route('warned')]);
    expect(first.ok).toBe(true);
    expect(first.text).toMatch(/Warning: IST0101 VirtualService shop\/warned.*Fix: /);
    const again = await kubectl(['label', 'virtualservice', 'warned', 'a=b', '-n', 'shop']);
    expect(again).toEqual({ ok: true, text: expect.not.stringContaining('Warning') });
  });

  it('as a thread, denies nothing when the mesh only warns, and takes new settings as they come', async () => {
    const admission = await startAdmission(settings({ mode: 'warn' }), {}, serveInThread);
    const told = await apply([route('told')]);
    expect(told).toEqual({ ok: true, text: expect.stringContaining('Warning: IST0101') });
    const ask = () => apply([route('untold')], ['--dry-run=server']);
    admission.want(settings());
    await until(async () => expect((await ask()).ok).toBe(false));
    admission.want(
      settings({
        suppressions: [{ code: 'IST0101', resource: 'VirtualService shop/*', expiresAt: null }],
      }),
    );
    await until(async () =>
      expect(await ask()).toEqual({ ok: true, text: expect.not.stringContaining('Warning') }),
    );
    await admission.stop();
    started.splice(0);
    expect((await apply([route('open-again')])).ok).toBe(true);
  });

  it('never stands in the way of the agent, of what it delivered, or of the control plane', async () => {
    await startAdmission();
    const passed = [
      await apply([route('by-agent')], [], bed.agentKubeconfig),
      await apply([route('delivered', 'nowhere', { labels: { [bundleLabel]: 'policies' } })]),
      await apply([route('plane', 'nowhere', {}, 'istio-system')]),
      await apply([route('own', 'nowhere', {}, agentNamespace)]),
    ];
    for (const said of passed) {
      expect(said).toEqual({ ok: true, text: expect.not.stringContaining('IST0101') });
    }
  });

  it('fails open when the agent is gone, and is asked again when it is back', async () => {
    const admission = await startAdmission();
    await admission.stop();
    started.pop();
    expect(await configured()).not.toBeNull();
    expect((await apply([route('open')])).ok).toBe(true);
    await startAdmission();
    expect((await apply([route('closed')])).ok).toBe(false);
  });

  it('rotates its certificate while it is asked, and serves none that is not trusted yet', async () => {
    const said: string[] = [];
    // As long as it takes an API server on a busy machine to see the new configuration.
    const timing = { rotateMs: 2_000, upkeepMs: 50, settleMs: 6_000 };
    await startAdmission(settings(), { timing, say: (_, message) => said.push(message) });
    const deniedUnder = new Set<string | undefined>();
    const wrong: string[] = [];
    await vi.waitFor(
      async () => {
        const served = await servedCertificate(urlOf(await configured()));
        const bundle = caOf(await configured());
        if (!isTrusted(served, bundle)) wrong.push(`served with ${served.subject} too early`);
        const { ok, text } = await apply([route('rotated')], ['--dry-run=server']);
        if (ok) wrong.push(text);
        else deniedUnder.add(bundle);
        expect(deniedUnder.size).toBeGreaterThan(2);
      },
      { timeout: 110_000, interval: 200 },
    );
    expect(said).toContain('admission: the certificate of the webhook was rotated');
    expect(said.filter((message) => message.includes('refuses the certificate'))).toEqual([]);
    expect(wrong).toEqual([]);
  });

  it('where guards are kept, denies what takes the waypoint from under an L7 policy', async () => {
    const labels = { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'waypoint' };
    const inLane = { namespace: 'lane' };
    const waypoint = (name: string): KubeObject =>
      ({
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: { ...inLane, name },
        spec: {
          gatewayClassName: 'istio-waypoint',
          listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }],
        },
      }) as KubeObject;
    const policy = {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { ...inLane, name: 'get-only', labels: { [bundleLabel]: 'policies' } },
      spec: {
        targetRefs: [{ kind: 'Service', group: '', name: 'web' }],
        rules: [{ to: [{ operation: { methods: ['GET'] } }] }],
      },
    } as KubeObject;
    const web = { ...service('web'), metadata: { ...inLane, name: 'web' } } as KubeObject;
    await make(namespaceObject('lane', labels));
    for (const object of [waypoint('waypoint'), waypoint('other'), web, policy]) await make(object);
    const guarded = { AMB0001: 'deny', AMB0003: 'deny' } as const;
    await startAdmission(settings({ rules: { '*': 'off', IST0101: 'deny', ...guarded } }));
    const use = (value: string) => `istio.io/use-waypoint${value}`;
    const denied = [
      ['delete', 'gateways.gateway.networking.k8s.io', 'waypoint', '-n', 'lane'],
      ['label', 'namespace', 'lane', use('-')],
      ['label', 'namespace', 'lane', use('=nowhere'), '--overwrite'],
      ['label', 'service', 'web', use('=none'), '-n', 'lane'],
    ];
    for (const args of denied) {
      expect(await kubectl(args)).toEqual({
        ok: false,
        text: expect.stringMatching(
          /AMB0001 AuthorizationPolicy lane\/get-only.*is enforced nowhere.*Fix: /s,
        ),
      });
    }
    const toOther = ['label', 'namespace', 'lane', use('=other'), '--overwrite'];
    const atGateway = {
      ...policy,
      metadata: { ...policy.metadata, name: 'at-gateway' },
      spec: {
        targetRefs: [{ kind: 'Gateway', group: 'gateway.networking.k8s.io', name: 'waypoint' }],
        rules: [{ to: [{ operation: { methods: ['GET'] } }] }],
      },
    } as KubeObject;
    await make(atGateway);
    await until(async () =>
      expect(await kubectl([...toOther, '--dry-run=server'])).toEqual({
        ok: false,
        text: expect.stringMatching(
          /AMB0001 AuthorizationPolicy lane\/at-gateway: .*would not hold any more for Service lane\/web.*Fix: /s,
        ),
      }),
    );
    const ofPolicy = ['authorizationpolicies.security.istio.io', 'at-gateway', '-n', 'lane'];
    expect((await kubectl(['delete', ...ofPolicy])).ok).toBe(true);
    await until(async () => expect((await kubectl(toOther)).ok).toBe(true));
    expect((await kubectl([...denied[0]!])).ok).toBe(true);
    const bypass = await apply([namespaceObject('old', { 'istio-injection': 'enabled' })]);
    expect(bypass).toEqual({
      ok: false,
      text: expect.stringMatching(/AMB0003 .*Calls with sidecars \(old\) to lane\/web/s),
    });
  });

  it('where guards are kept, denies labels by which pods leave the guard', async () => {
    const inYard = { namespace: 'yard' };
    const labels = { 'istio.io/dataplane-mode': 'ambient', 'istio.io/use-waypoint': 'waypoint' };
    const delivered = { ...inYard, labels: { [bundleLabel]: 'policies' } };
    const spec = { containers: [{ name: 'app', image: 'example.com/app:1' }] };
    const policy = (name: string, of: object) =>
      ({
        apiVersion: 'security.istio.io/v1',
        kind: 'AuthorizationPolicy',
        metadata: { ...delivered, name },
        spec: of,
      }) as KubeObject;
    const objects = [
      namespaceObject('yard', labels),
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: { ...inYard, name: 'waypoint' },
        spec: {
          gatewayClassName: 'istio-waypoint',
          listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }],
        },
      },
      { ...service('web'), metadata: { ...inYard, name: 'web' } },
      {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { ...inYard, name: 'default' },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...inYard, name: 'web', labels: { app: 'web' } },
        spec,
      },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { ...inYard, name: 'web' },
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec },
        },
      },
      policy('get-only', {
        targetRefs: [{ kind: 'Gateway', group: 'gateway.networking.k8s.io', name: 'waypoint' }],
        rules: [{ to: [{ operation: { methods: ['GET'] } }] }],
      }),
      policy('guard', {
        selector: { matchLabels: { app: 'web' } },
        action: 'DENY',
        rules: [{ from: [{ source: { notPrincipals: ['cluster.local/ns/yard/sa/waypoint'] } }] }],
      }),
    ] as KubeObject[];
    for (const object of objects) await make(object);
    await startAdmission(settings({ rules: { '*': 'off', IST0101: 'deny', AMB0041: 'deny' } }));
    const optOut = { template: { metadata: { labels: { 'istio.io/dataplane-mode': 'none' } } } };
    const onPod = ['label', 'pod', 'web', '-n', 'yard', '--overwrite'];
    const onWorkload = ['patch', 'deployment', 'web', '-n', 'yard', '--type=merge', '-p'];
    for (const args of [
      [...onPod, 'app=free'],
      [...onPod, 'istio.io/dataplane-mode=none'],
      [...onWorkload, JSON.stringify({ spec: optOut })],
    ]) {
      expect(await kubectl(args)).toEqual({
        ok: false,
        text: expect.stringMatching(/AMB0041 .*past .*get-only.*Fix: /s),
      });
    }
    expect(await kubectl([...onPod, 'team=a'])).toMatchObject({ ok: true });
    const scaled = JSON.stringify({ spec: { replicas: 2 } });
    expect(await kubectl([...onWorkload, scaled])).toMatchObject({ ok: true });
  });

  it('takes the webhook away when the mesh wants none', async () => {
    const admission = await startAdmission();
    admission.want(null);
    await until(async () => expect(await configured()).toBeNull());
    await until(async () => expect((await apply([route('free')])).ok).toBe(true));
  });
});
