import assert from 'node:assert/strict';
import type { Outcome } from '@ambit/lab/testing/caller';
import { must, type Kubectl } from '@ambit/run/testing/kubectl';
import { namespace, urlOf, waypoint, type Traffic } from './ground.ts';

const meta = (name: string) => ({ name, namespace });
const principal = (account: string): string => `cluster.local/ns/${namespace}/sa/${account}`;

/** No answer at all: at L4 there is no status to refuse with. */
const refused = ({ status, error }: Outcome): void =>
  assert.equal(status, 0, `an answer of ${status} came ${error ?? ''}`);
const answered = ({ status, error }: Outcome): void => assert.equal(status, 200, error);

const fresh = (name: string) => ({ url: urlOf(name), fresh: true, timeoutMs: 5_000 });

export const strictMtls = {
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: meta('strict'),
  spec: { mtls: { mode: 'STRICT' } },
};

/** Plain text passes until mTLS is asked for. */
export async function plainTextPasses({ client, outside }: Traffic): Promise<void> {
  answered(await client.one(fresh('plain')));
  answered(await outside.one(fresh('plain')));
}

export async function plainTextIsRefused({ client, outside }: Traffic): Promise<void> {
  answered(await client.one(fresh('plain')));
  refused(await outside.one(fresh('plain')));
}

export const denyOther = {
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: meta('deny-other'),
  spec: {
    selector: { matchLabels: { app: 'echo' } },
    action: 'DENY',
    rules: [{ from: [{ source: { principals: [principal('other')] } }] }],
  },
};

export async function otherIsRefused({ client, other }: Traffic): Promise<void> {
  answered(await client.one(fresh('plain')));
  refused(await other.one(fresh('plain')));
}

/** The server's side tells whose certificate it saw, and the counters tell of mutual TLS. */
export async function identityIsSeen({ client, kubectl }: Traffic): Promise<void> {
  answered(await client.one(fresh('plain')));
  const log = await kubectl.do('logs -n istio-system daemonset/ztunnel --tail=400');
  const line = log
    .split('\n')
    .find((each) => each.includes('direction="inbound"') && each.includes('dst.workload="echo-v'));
  assert.match(line ?? '', new RegExp(`src.identity="spiffe://${principal('client')}"`));
  const metrics = await kubectl.do(
    'exec -n istio-system daemonset/ztunnel -- wget -qO- http://127.0.0.1:15020/metrics',
  );
  const opened = metrics
    .split('\n')
    .find(
      (each) =>
        each.startsWith('istio_tcp_connections_opened_total') &&
        each.includes('reporter="destination"') &&
        each.includes('source_workload="client"'),
    );
  assert.match(opened ?? '', /connection_security_policy="mutual_tls"/);
}

/** `istioctl ztunnel-config` reads the node's proxy as it reads any ztunnel. */
export async function istioctlReads(istioctl: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['ztunnel-config', 'workload', '--workload-namespace', namespace];
  assert.match(await must(istioctl, args, { env }), /echo-v1-\S+ .* HBONE/);
}

const guardedAs = (clientStatus: number, otherStatus: number) => async (traffic: Traffic) => {
  const { client, other } = traffic;
  const statuses = [await client.one(fresh('guarded')), await other.one(fresh('guarded'))];
  assert.deepEqual(
    statuses.map(({ status }) => status),
    [clientStatus, otherStatus],
  );
};

/** What the L7 policy says, while the waypoint is on the path. */
export const l7PolicyHolds = guardedAs(200, 403);
/** Without the waypoint's label nobody asks the L7 policy: whom it forbids gets in. */
export const holeIsOpen = guardedAs(200, 200);
/** With the guard and without the waypoint nobody gets in. */
export const holeIsClosed = guardedAs(0, 0);

/** Lets nobody but the waypoint reach the servers: an L4 policy, so that the servers' own nodes hold it. */
export const guard = {
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: meta('guard'),
  spec: {
    selector: { matchLabels: { app: 'echo' } },
    action: 'DENY',
    rules: [{ from: [{ source: { notPrincipals: [principal(waypoint)] } }] }],
  },
};

export const leaveWaypoint = (kubectl: Kubectl): Promise<string> =>
  kubectl.do(`label service -n ${namespace} guarded istio.io/use-waypoint-`);
export const returnToWaypoint = (kubectl: Kubectl): Promise<string> =>
  kubectl.do(`label service -n ${namespace} guarded istio.io/use-waypoint=${waypoint}`);
