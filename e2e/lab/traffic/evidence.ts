import assert from 'node:assert/strict';
import type { Client } from '@ambit/client/sdk';
import { accountOf, callerClient, namespaceOf } from '@ambit/lab/testing/workloads';
import type { Kubectl } from '@ambit/run/testing/kubectl';
import { namespace } from './ground.ts';

/** Where enrolment is looked at: one cluster of one mesh. */
export interface Place {
  client: Client;
  meshId: string;
  clusterId: string;
}

export const sidecarNamespace = 'lane';
/** In no Service, so that nothing but L4 is asked for it, and nobody misses it while it is away. */
const spare = 'spare';

const withAnnotations = (object: ReturnType<typeof callerClient>, annotations: object) => {
  const { template } = object['spec'] as { template: { metadata: object } };
  Object.assign(template.metadata, { annotations });
  return object;
};

/**
 * A pod for ambient, and two with real sidecars: one that istiod serves, and one that asks where no istiod is. The latter has no probe of
 * its sidecar, so that it runs and is ready all the same.
 */
export const objects = [
  accountOf(namespace, spare),
  callerClient({ name: spare, namespace, account: spare }),
  namespaceOf(sidecarNamespace, { 'istio-injection': 'enabled' }),
  ...['joined', 'lost'].map((name) => accountOf(sidecarNamespace, name)),
  callerClient({ name: 'joined', namespace: sidecarNamespace, account: 'joined' }),
  withAnnotations(callerClient({ name: 'lost', namespace: sidecarNamespace, account: 'lost' }), {
    'proxy.istio.io/config': 'discoveryAddress: nowhere.istio-system.svc:15012',
    'status.sidecar.istio.io/port': '0',
  }),
];

async function podOf({ client, meshId, clusterId }: Place, where: string, name: string) {
  const subject = { level: 'workload', namespace: where, kind: 'Deployment', name } as const;
  const { pods } = await client.enrolment.get({ meshId, clusterId, ...subject });
  assert.equal(pods.length, 1, `${name} has ${pods.length} pods`);
  return pods[0]!;
}

type Pod = Awaited<ReturnType<typeof podOf>>;

/** What was looked at, and what it said. */
function saysFor({ evidence }: Pod, looked: RegExp, says: RegExp): void {
  const found = evidence.find((one) => looked.test(one.looked));
  assert.ok(found, `nothing like ${looked} among ${evidence.map((one) => one.looked).join(', ')}`);
  assert.match(found.says, says);
  assert.equal(found.verdict, 'for', `${found.looked}: ${found.says}`);
}

/** A redirected pod is proven by the real istio-cni's annotation and by what ztunnel holds. */
export async function podIsProven(place: Place): Promise<Pod> {
  const pod = await podOf(place, namespace, spare);
  saysFor(pod, /^annotation ambient\.istio\.io\/redirection$/, /^enabled$/);
  saysFor(pod, /^workload table of ztunnel-/, /^it carries the pod$/);
  saysFor(pod, /^certificate of spiffe:\/\/cluster\.local\//, /^ztunnel-\S+ has one until /);
  assert.equal(pod.state, 'asWanted');
  return pod;
}

/** Hops of a request, with the certificates that they really hold. */
export async function hopsHoldCertificates({ client, meshId, clusterId }: Place): Promise<void> {
  const ends = { from: `${namespace}/client`, to: `${namespace}/plain` };
  const { hops } = await client.path.get({ meshId, clusterId, ...ends });
  const tunnels = hops.filter(({ kind }) => kind === 'ztunnel');
  assert.ok(tunnels.length > 0);
  for (const { title, certificateExpiresAt, identity } of tunnels) {
    assert.match(identity ?? '', /^spiffe:\/\/cluster\.local\/ns\//, title);
    assert.ok(Date.parse(certificateExpiresAt ?? '') > Date.now(), title);
  }
}

/**
 * The real istio-cni takes a running pod out that says it has a sidecar; it has none, so its labels ask for ambient and
 * nothing carries it.
 */
export const unenrol = (kubectl: Kubectl, pod: string): Promise<string> =>
  kubectl.do(`annotate pod -n ${namespace} ${pod} sidecar.istio.io/status=none`);

/** The pod is told as what it is, as a finding, and as an alert. */
export async function missIsTold({ client, meshId, ...place }: Place, pod: string): Promise<void> {
  const found = await podOf({ client, meshId, ...place }, namespace, spare);
  assert.equal(found.reason, 'NotRedirected', found.message);
  assert.equal(found.repair, 'restart-pod');
  const findings = await client.finding.list({ meshId, code: 'AMB0040' });
  const resource = `Pod ${namespace}/${pod}`;
  const finding = findings.items.find((one) => one.resource === resource);
  assert.ok(finding, 'no finding yet');
  const alerts = await client.alert.list({ meshId });
  assert.ok(
    alerts.items.some(({ source, summary }) => source === 'finding' && summary.includes(pod)),
    `no alert yet of ${pod}: ${alerts.items.map(({ summary }) => summary).join('; ')}`,
  );
}

/** A real istiod knows one sidecar and does not know the other. */
export async function istiodKnows(place: Place): Promise<void> {
  const joined = await podOf(place, sidecarNamespace, 'joined');
  saysFor(joined, /^connection to istiod$/, /^connected to istiod-/);
  assert.equal(joined.state, 'asWanted', joined.message);
  const lost = await podOf(place, sidecarNamespace, 'lost');
  assert.equal(lost.reason, 'NotConnected', `${lost.reason}: ${lost.message}`);
}
