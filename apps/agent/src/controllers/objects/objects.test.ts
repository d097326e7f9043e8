import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  objectKey,
  objectLimits,
  objectsReportSchema,
  type ReportedObject,
} from '@ambit/contracts/agent/objects';
import type { KubeObject } from '@ambit/contracts/common';
import { LinkError, type LinkRequest } from '../../link/http.ts';
import { applySetId, bundleLabel, parentName, partOfLabel } from '../bundle/applyset.ts';
import { makeCollector } from './collector.ts';
import { compactFact, type Raw } from './compact.ts';
import { credentialsOf } from './credential-names.ts';
import { reported, reportPolicy } from './report.ts';
import { objectsSender } from './sender.ts';
import { writerOf } from './writer.ts';
import { testCertificate } from '../../testing/certificate.ts';

const service = (name: string, port = 80): ReportedObject =>
  reported(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'shop' },
      spec: { ports: [{ port }] },
    } as KubeObject,
    'fact',
    null,
  );
const key = (name: string) => objectKey({ group: '', kind: 'Service', namespace: 'shop', name });
const source = '/Service';

/** Stands in for the platform: the protocol as it is stated, with messages that get lost on request. */
function standIn() {
  const objects = new Map<string, ReportedObject>();
  const state = { seq: 0, lost: 0, complete: false, posts: 0 };
  const lose = () => {
    if (state.lost-- > 0) throw new LinkError(0, 'lost');
  };
  const answer = (value: object) => ({ status: 200, bytes: Buffer.from(JSON.stringify(value)) });
  const call = async (_path: string, request: Omit<LinkRequest, 'credential'>) => {
    if (!request.gzip) {
      lose();
      const index = [...objects].map(([at, { digest }]) => [at, digest]);
      return answer({ seq: state.seq, objects: Object.fromEntries(index) });
    }
    const report = objectsReportSchema.parse(JSON.parse(gunzipSync(request.gzip).toString()));
    state.posts += 1;
    if (report.base !== state.seq) return answer({ accepted: false, seq: state.seq });
    for (const one of report.upserts) {
      const { name, namespace = '' } = one.object.metadata;
      objects.set(objectKey({ group: '', kind: one.object.kind, namespace, name }), one);
    }
    for (const gone of report.removals) objects.delete(gone);
    if (report.upserts.length + report.removals.length > 0) state.seq += 1;
    state.complete = report.complete;
    // Taken, and the answer lost on its way back.
    lose();
    return answer({ accepted: true, seq: state.seq });
  };
  return { objects, state, call };
}

function sending(platform = standIn(), timing = {}) {
  const relisted: string[] = [];
  const collector = makeCollector({
    changed: () => sender.changed(),
    relist: (name) => relisted.push(name),
  });
  const stop = new AbortController();
  const sender = objectsSender({ call: platform.call }, collector, () => {}, {
    minIntervalMs: 1,
    ...timing,
  });
  const done = sender.run(stop.signal);
  return { collector, relisted, stop: () => (stop.abort(), done) };
}
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 5 });

describe('telling objects', () => {
  it('sends what changed and nothing else, and goes on after a restart from what the platform has', async () => {
    const platform = standIn();
    const first = sending(platform);
    first.collector.expect([source]);
    first.collector.list(source, [service('a'), service('b')]);
    await until(() => expect(platform.state).toMatchObject({ seq: 1, complete: true }));
    first.collector.put(service('a'));
    first.collector.put(service('b', 81));
    await until(() => expect(platform.state.seq).toBe(2));
    await first.stop();

    const second = sending(platform);
    second.collector.expect([source]);
    second.collector.list(source, [service('b', 81), service('c')]);
    await until(() => expect([...platform.objects.keys()].sort()).toEqual([key('b'), key('c')]));
    expect(platform.state.seq).toBe(3);
    await second.stop();
  });

  it('heals when an answer is lost, and when the platform lost everything', async () => {
    const platform = standIn();
    const { collector, relisted, stop } = sending(platform, { compareEveryMs: 20 });
    collector.expect([source]);
    platform.state.lost = 2;
    collector.list(source, [service('a')]);
    await until(() => expect(platform.state.lost).toBeLessThan(-3));
    expect(platform.objects.get(key('a'))).toEqual(service('a'));
    platform.objects.clear();
    platform.state.seq = 0;
    await until(() => expect(relisted).toContain(source));
    collector.list(source, [service('a')]);
    await until(() => expect([...platform.objects.keys()]).toEqual([key('a')]));
    await stop();
  });

  it('removes nothing of a kind it has not listed yet, and everything of one that is gone', async () => {
    const platform = standIn();
    platform.objects.set(key('old'), service('old'));
    const { collector, stop } = sending(platform);
    collector.put(service('new'));
    collector.expect([source, '/Node']);
    collector.list('/Node', []);
    await until(() => expect(platform.state.posts).toBeGreaterThan(0));
    expect([...platform.objects.keys()]).toEqual([key('old')]);
    collector.expect(['/Node']);
    collector.drop(source);
    await until(() => expect([...platform.objects.keys()]).toEqual([]));
    await stop();
  });

  it('counts what is over the limit of a kind, and says that it is not complete', () => {
    const collector = makeCollector({ changed: () => {}, relist: () => {} });
    collector.expect([source]);
    const many = Array.from({ length: objectLimits.perKind + 2 }, (_, n) => service(`s${n}`));
    collector.list(source, many);
    const delta = collector.delta();
    expect(delta.omitted).toEqual({ Service: 2 });
    expect([delta.upserts.length, delta.complete]).toEqual([objectLimits.perReport, false]);
  });

  it('names the kinds that it may not read, tells nothing of them, and all the rest', () => {
    const collector = makeCollector({ changed: () => {}, relist: () => {} });
    collector.expect([source, '/Secret', '/ServiceAccount']);
    collector.list(source, [service('a')]);
    collector.list('/ServiceAccount', []);
    expect(collector.delta()).toMatchObject({ told: ['ServiceAccount'], complete: false });
    const secret = compactFact.Secret(raw({}, { type: 'kubernetes.io/tls' })) as KubeObject;
    collector.list('/Secret', [reported(secret, 'fact', null)]);
    expect(collector.delta()).toMatchObject({ told: ['Secret', 'ServiceAccount'], complete: true });
    collector.taken(collector.delta());
    collector.withhold('/Secret');
    expect(collector.delta()).toMatchObject({
      removals: ['/Secret/shop/web'],
      told: ['ServiceAccount'],
      complete: true,
    });
    collector.list('/Secret', []);
    expect(collector.delta().told).toContain('Secret');
  });

  it('of a further kind over its limit is not whole, and takes nothing from the others', () => {
    const collector = makeCollector({ changed: () => {}, relist: () => {} });
    collector.expect(['/ServiceAccount']);
    const many = Array.from({ length: objectLimits.perKind + 1 }, (_, n) =>
      reported(compactFact.ServiceAccount(raw({ name: `a${n}` })) as KubeObject, 'fact', null),
    );
    collector.list('/ServiceAccount', many);
    expect(collector.delta()).toMatchObject({ omitted: {}, told: [] });
  });

  it('ends with what the cluster has, whatever is lost on the way', async () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      port: fc.integer({ min: 1, max: 3 }),
      what: fc.constantFrom('put', 'remove', 'take', 'lose', 'restart'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cluster = new Map<string, ReportedObject>();
        const there = new Map<string, ReportedObject>();
        let relist = false;
        const open = () => {
          const made = makeCollector({ changed: () => {}, relist: () => (relist = true) });
          made.expect([source]);
          made.known({ seq: 0, objects: digests(there) });
          made.list(source, [...cluster.values()]);
          return made;
        };
        let collector = open();
        const exchange = (isLost: boolean) => {
          if (relist) collector.list(source, [...cluster.values()]);
          relist = false;
          const delta = collector.delta();
          for (const one of delta.upserts) there.set(key(one.object.metadata.name), one);
          for (const gone of delta.removals) there.delete(gone);
          if (isLost) collector.known({ seq: 0, objects: digests(there) });
          else collector.taken(delta);
        };
        for (const { name, port, what } of steps) {
          if (what === 'put') {
            cluster.set(key(name), service(name, port));
            collector.put(service(name, port));
          } else if (what === 'remove') {
            cluster.delete(key(name));
            collector.remove(key(name));
          } else if (what === 'restart') collector = open();
          else exchange(what === 'lose');
        }
        exchange(false);
        exchange(false);
        expect(digests(there)).toEqual(digests(cluster));
      }),
    );
  });
});

const digests = (objects: Map<string, ReportedObject>) =>
  Object.fromEntries([...objects].map(([at, { digest }]) => [at, digest]).sort());

const raw = (metadata: object, more: object = {}): Raw =>
  ({
    metadata: { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '7', ...metadata },
    ...more,
  }) as Raw;
const managed = (manager: string, more = {}) => ({
  manager,
  operation: 'Update',
  fieldsV1: { 'f:spec': {} },
  ...more,
});

describe('what is told of an object', () => {
  it('is its wish and status, without managed fields, resource version and kubectl’s copy', () => {
    const told = reportPolicy(
      raw(
        {
          labels: { app: 'web' },
          annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'x' },
          managedFields: [
            managed('kubectl-client-side-apply'),
            managed('pilot-discovery', { subresource: 'status' }),
          ],
        },
        { spec: { hosts: ['web'] }, status: { observedGeneration: '1' } },
      ),
      'networking.istio.io/v1',
      'VirtualService',
      'ambit-system',
    );
    expect(told).toEqual({
      digest: expect.any(String),
      origin: 'direct',
      writer: { tool: 'kubectl', application: '', managers: ['kubectl-client-side-apply'] },
      object: {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: {
          name: 'web',
          namespace: 'shop',
          uid: 'u',
          labels: { app: 'web' },
          annotations: { note: 'x' },
        },
        spec: { hosts: ['web'] },
        status: { observedGeneration: '1' },
      },
    });
  });

  it('is the status alone of what Ambit delivered, but not of what only wears its label', () => {
    const origin = (bundle: string, id: string) =>
      reportPolicy(
        raw({ labels: { [bundleLabel]: bundle, [partOfLabel]: id } }, { spec: {}, status: {} }),
        'networking.istio.io/v1',
        'Gateway',
        'ambit-system',
      );
    const own = origin('policies', applySetId(parentName('policies'), 'ambit-system'));
    expect([own.origin, own.object['spec'], own.object['status']]).toEqual(['mesh', undefined, {}]);
    expect(origin('policies', 'applyset-of-somebody-v1').origin).toBe('direct');
  });

  it('of an object that is too large is its identity', () => {
    const large = reportPolicy(
      raw({}, { spec: { text: 'x'.repeat(objectLimits.objectMaxBytes) } }),
      'networking.istio.io/v1alpha3',
      'EnvoyFilter',
      'ambit-system',
    );
    expect(large.truncated).toBe(true);
    expect(JSON.stringify(large).length).toBeLessThan(1000);
  });

  it('of a pod holds no environment, arguments or volumes, and nothing of one that has ended', () => {
    const pod = (phase: string) =>
      compactFact.Pod(
        raw(
          { labels: { app: 'web' }, annotations: { 'istio.io/rev': 'default', secret: 'x' } },
          {
            spec: {
              nodeName: 'n1',
              volumes: [{ name: 'v' }],
              containers: [
                {
                  name: 'app',
                  image: 'app:1',
                  args: ['--password=x'],
                  env: [{ name: 'PASSWORD', value: 'x' }],
                  ports: [{ containerPort: 80 }],
                },
              ],
            },
            status: { phase, conditions: [{ type: 'Ready', status: 'True', lastProbeTime: 'x' }] },
          },
        ),
      );
    expect(pod('Running')).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'web',
        namespace: 'shop',
        uid: 'u',
        labels: { app: 'web' },
        annotations: { 'istio.io/rev': 'default' },
      },
      spec: {
        nodeName: 'n1',
        containers: [{ name: 'app', image: 'app:1', ports: [{ containerPort: 80 }] }],
      },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
    expect(pod('Succeeded')).toBeNull();
  });

  it('of a Secret is its public certificate alone, even where others stand beside it', () => {
    const pem = Buffer.from(testCertificate, 'base64').toString();
    const secret = (data: Record<string, string>) =>
      compactFact.Secret(
        raw(
          { labels: { team: 'x' }, annotations: { note: 'hidden' } },
          {
            type: 'Opaque',
            data: Object.fromEntries(
              Object.entries(data).map(([name, text]) => [
                name,
                Buffer.from(text).toString('base64'),
              ]),
            ),
          },
        ),
      );
    const privateKey = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';
    expect(
      secret({
        'tls.crt': `${privateKey}hidden\n${pem}`,
        'tls.key': privateKey,
        password: 'hidden',
      }),
    ).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'web', namespace: 'shop', uid: 'u' },
      type: 'Opaque',
      data: { 'tls.crt': testCertificate },
    });
    expect(secret({ cert: pem, key: privateKey })).toMatchObject({
      data: { cert: testCertificate },
    });
    const wrapped = privateKey.replaceAll('PRIVATE KEY', 'CERTIFICATE');
    for (const text of ['hidden', privateKey, wrapped])
      expect(secret({ 'tls.crt': text }).data).toEqual({});
  });

  it('of budgets and accounts is what names and selects, not which Secrets they have', () => {
    const secrets = { secrets: [{ name: 'hidden' }], imagePullSecrets: [{ name: 'hidden' }] };
    const metadata = { name: 'web', namespace: 'shop', uid: 'u' };
    expect(compactFact.ServiceAccount(raw({ labels: { a: 'b' } }, secrets))).toEqual({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata,
    });
    const selector = { matchLabels: { app: 'web' } };
    expect(
      compactFact.PodDisruptionBudget(raw({}, { spec: { selector, minAvailable: 1 }, status: {} })),
    ).toEqual({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { selector },
    });
  });

  it('takes from Gateways the names of Secrets, and nothing that could not be one', () => {
    const servers = [
      { tls: { credentialName: 'a' } },
      { tls: { credentialNames: ['edge/b', 'x,type=Opaque'] } },
      {},
    ];
    const listeners = [{ tls: { certificateRefs: [{ name: 'c.d' }, {}] } }];
    expect(credentialsOf(raw({}, { spec: { servers, listeners } }))).toEqual(['a', 'b', 'c.d']);
    expect(credentialsOf(raw({}))).toEqual([]);
  });

  it.each([
    [
      {
        annotations: {
          'argocd.argoproj.io/tracking-id': 'shop:networking.istio.io/Gateway:shop/web',
        },
      },
      'argocd',
      'shop',
    ],
    [
      {
        labels: { 'app.kubernetes.io/instance': 'shop' },
        managedFields: [managed('argocd-controller')],
      },
      'argocd',
      'shop',
    ],
    [
      {
        labels: {
          'kustomize.toolkit.fluxcd.io/name': 'apps',
          'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        },
      },
      'flux',
      'flux-system/apps',
    ],
    [
      {
        annotations: {
          'meta.helm.sh/release-name': 'web',
          'meta.helm.sh/release-namespace': 'shop',
        },
      },
      'helm',
      'shop/web',
    ],
    [{ managedFields: [managed('Terraform')] }, 'terraform', ''],
    [{ managedFields: [managed('kubectl')] }, 'kubectl', ''],
    [{ managedFields: [managed('pilot-discovery')] }, 'istio', ''],
    [{ managedFields: [managed('my-operator')] }, 'other', ''],
  ])('names its writer: %j', (metadata, tool, application) => {
    expect(writerOf(metadata as Parameters<typeof writerOf>[0])).toMatchObject({
      tool,
      application,
    });
  });
});
