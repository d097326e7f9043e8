import type { EnrolmentPair } from '@ambit/contracts/operations/enrolment';
import { modeOfCarrier, type Carrier, type End, type Server } from './ends.ts';
import type { ClusterFacts } from './facts.ts';
import { mtlsOf } from './mtls.ts';
import { waypointOfService, type WaypointUse } from './waypoint.ts';

type Gets = EnrolmentPair['mtls'];

const ingressLabel = 'istio.io/ingress-use-waypoint';

const yes = (why: string): Gets => ({ level: 'yes', why });
const part = (why: string): Gets => ({ level: 'part', why });
const no = (why: string): Gets => ({ level: 'no', why });
const unknown = (why: string): Gets => ({ level: 'unknown', why });

/** Whether gateways send traffic of the Service through its waypoint: its own label, else its namespace's. */
export function ingressUsesWaypoint(facts: ClusterFacts, { service }: Server): boolean {
  if (!service) return false;
  const { labels = {}, namespace = '' } = service.metadata;
  const around = facts.namespaces.get(namespace) ?? {};
  return (labels[ingressLabel] ?? around[ingressLabel]) === 'true';
}

/** What traffic between two ends gets, from what carries each of them (istio.io, "Ambient and sidecars"). Pure. */
export function pairOf(facts: ClusterFacts, from: End, to: Server): EnrolmentPair {
  const waypoint =
    to.service && to.mode === 'ambient' ? waypointOfService(facts, to.service) : null;
  const gets = getsOf(facts, from, to, waypoint);
  return {
    from: {
      kind: from.kind,
      namespace: from.namespace,
      name: from.name,
      mode: modeOfCarrier(from.mode),
      pods: from.pods.length,
    },
    to: {
      kind: to.kind,
      namespace: to.namespace,
      name: to.name,
      mode: modeOfCarrier(to.mode, waypoint?.ready),
      pods: to.pods.length,
      service: to.service?.metadata.name ?? null,
    },
    ...gets,
    sentence: sentenceOf(gets),
  };
}

type All = Pick<EnrolmentPair, 'mtls' | 'l4Policy' | 'l7Policy' | 'telemetry'>;

function getsOf(facts: ClusterFacts, from: End, to: Server, waypoint: WaypointUse | null): All {
  if (to.mode === 'unknown' || from.mode === 'unknown') {
    const why = `no pods of ${to.mode === 'unknown' ? to.name : from.name} run`;
    const nobody = unknown(why);
    return { mtls: nobody, l4Policy: nobody, l7Policy: nobody, telemetry: nobody };
  }
  if (to.mode === 'mixed' || from.mode === 'mixed') {
    const who = to.mode === 'mixed' ? to.name : from.name;
    const each = part(
      `the pods of ${who} differ: some are in the mesh and some are not, or not the same way`,
    );
    return { mtls: each, l4Policy: each, l7Policy: each, telemetry: each };
  }
  const client: Carrier = from.mode;
  const server: Carrier = to.mode;
  return {
    mtls: mtls(facts, client, server, to),
    l4Policy: l4(client, server),
    l7Policy: l7(facts, from, client, server, to, waypoint),
    telemetry: telemetry(client, server, waypoint, passesWaypoint(facts, from, to, waypoint)),
  };
}

const carrierText: Record<Carrier, string> = {
  none: 'nothing',
  sidecar: 'a sidecar',
  ambient: 'ztunnel',
};

function mtls(facts: ClusterFacts, client: Carrier, server: Carrier, to: Server): Gets {
  const first = to.pods[0];
  const { mode, by } = first ? mtlsOf(facts, first) : { mode: 'PERMISSIVE', by: 'the default' };
  if (server === 'none') return no('the server is not in the mesh: it is sent plain text');
  if (client === 'none') {
    return mode === 'STRICT'
      ? no(`the client has no identity, and the server refuses plain text (${by})`)
      : no(`the client sends plain text, which the server takes (${mode} by ${by})`);
  }
  if (mode === 'DISABLE' && server === 'sidecar') return no(`switched off by ${by}`);
  return yes(
    `${carrierText[client]} at the client and ${carrierText[server]} at the server${client === 'ambient' || server === 'ambient' ? ', over HBONE' : ''}; ${mode} by ${by}`,
  );
}

function l4(client: Carrier, server: Carrier): Gets {
  if (server === 'none') return no('nothing at the server enforces it');
  const where = server === 'sidecar' ? 'the sidecar' : 'the ztunnel';
  if (client === 'none') {
    return part(`${where} of the server enforces it, but knows no identity of this client`);
  }
  return yes(`${where} of the server enforces it, by the identity of the client`);
}

/** Whether requests of this client pass the waypoint of the server. */
export function passesWaypoint(
  facts: ClusterFacts,
  from: End,
  to: Server,
  waypoint: WaypointUse | null,
): boolean {
  if (!waypoint?.ready) return false;
  if (from.kind === 'ingress') return ingressUsesWaypoint(facts, to);
  return from.mode === 'ambient';
}

function l7(
  facts: ClusterFacts,
  from: End,
  client: Carrier,
  server: Carrier,
  to: Server,
  waypoint: WaypointUse | null,
): Gets {
  if (server === 'sidecar') return yes('the sidecar of the server enforces it');
  if (server === 'none') {
    return client === 'sidecar'
      ? part("routes of the client's sidecar hold; nothing at the server enforces a policy")
      : no('nothing on the way reads requests');
  }
  if (!waypoint) {
    return client === 'sidecar'
      ? part("routes of the client's sidecar hold; the server has no waypoint to enforce a policy")
      : no('the server has no waypoint, and ztunnel does not read requests');
  }
  if (!waypoint.ready) return no(`its waypoint does not serve: ${waypoint.why}`);
  const name = `waypoint ${waypoint.namespace}/${waypoint.name}`;
  if (passesWaypoint(facts, from, to, waypoint)) return yes(`${name} enforces it`);
  if (from.kind === 'ingress') {
    return no(
      `gateways send straight to the pods, past ${name}, unless the Service has the label ${ingressLabel}=true`,
    );
  }
  return client === 'sidecar'
    ? no(`a client with a sidecar sends straight to the pods, past ${name}`)
    : no(`a client outside the mesh sends straight to the pods, past ${name}`);
}

function telemetry(
  client: Carrier,
  server: Carrier,
  waypoint: WaypointUse | null,
  passes: boolean,
): Gets {
  if (client === 'none' && server === 'none') return no('nobody on the way tells of it');
  if (passes) return yes(`requests by the waypoint ${waypoint?.name}, connections by ztunnel`);
  if (client === 'sidecar' || server === 'sidecar') {
    const who = client === 'sidecar' && server === 'sidecar' ? 'both sidecars' : 'the sidecar';
    return yes(
      `requests by ${who}${client === 'ambient' || server === 'ambient' ? ', connections by ztunnel' : ''}`,
    );
  }
  return client === 'none'
    ? part('connections by ztunnel at the server; it does not know the client')
    : part('connections and bytes by ztunnel; requests are not read');
}

function sentenceOf({ mtls: m, l4Policy, l7Policy, telemetry: t }: All): string {
  const named = [
    ['mTLS', m],
    ['L4 policy', l4Policy],
    ['L7 policy', l7Policy],
    ['telemetry', t],
  ] as const;
  const of = (level: Gets['level']) =>
    named.filter(([, gets]) => gets.level === level).map(([name]) => name);
  const groups = [
    [of('yes'), 'gets'],
    [of('part'), 'gets in part'],
    [of('no'), 'does not get'],
    [of('unknown'), 'not known:'],
  ] as const;
  const parts = groups
    .filter(([names]) => names.length > 0)
    .map(([names, word]) => `${word} ${names.join(', ')}`);
  const text = parts.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
