import type { Hop, RequestPath } from '@ambit/contracts/operations/enrolment';
import {
  authorize,
  policiesAtWaypoint,
  policiesOnPod,
  type Access,
  type Decision,
} from './authorization.ts';
import { carrierOf } from './ends.ts';
import { accountOf, principalOf } from './facts.ts';
import { mtlsOf } from './mtls.ts';
import { carriedBy, sentBy, type Look } from './path-look.ts';
import { waypointPods } from './waypoint.ts';

/** What becomes of the request, from the hops and the policies on them. */
export function verdictOf(
  look: Look,
  hops: Hop[],
  passes: boolean,
): Pick<RequestPath, 'verdict' | 'sentence'> {
  const { to, server } = look;
  const broken = hops.find(({ state }) => state === 'broken');
  if (!server) return { verdict: 'broken', sentence: `No pod of ${to.name} runs.` };
  if (broken) {
    return {
      verdict: 'broken',
      sentence: `Broken at ${broken.title}${broken.namespace ? ` (${broken.namespace}/${broken.name})` : ''}: ${broken.says.at(-1) ?? 'it is not ready'}.`,
    };
  }
  const unknown = hops.find(({ state }) => state === 'unknown');
  if (unknown) return { verdict: 'unknown', sentence: `Not known: ${unknown.says[0]}.` };
  const refusal = refusalOf(look, passes);
  if (refusal) return refusal;
  const way = hops.length === 2 ? 'directly, in plain text' : wayText(look, passes);
  return { verdict: 'passes', sentence: `Passes ${way}.` };
}

function wayText(look: Look, passes: boolean): string {
  const { waypoint } = look;
  const via = passes && waypoint ? `through waypoint ${waypoint.namespace}/${waypoint.name}` : '';
  const server = carriedBy(look);
  const isEncrypted = sentBy(look) !== 'none' && server !== 'none';
  const how = isEncrypted
    ? 'encrypted all the way between proxies'
    : 'in plain text at least in part';
  const past =
    waypoint?.ready && !passes && server === 'ambient'
      ? `, past waypoint ${waypoint.namespace}/${waypoint.name}: its policies do not hold`
      : '';
  return [via, how].filter(Boolean).join(', ') + past;
}

type Refusal = Pick<RequestPath, 'verdict' | 'sentence'>;

const nameOf = ({ by }: Decision): string =>
  by ? `${by.kind} ${by.metadata.namespace}/${by.metadata.name}` : 'a policy';

function refusalOf(look: Look, passes: boolean): Refusal | null {
  const { facts, to, server, waypoint, port } = look;
  const client = accessOf(look);
  const decided = (decision: Decision, where: string): Refusal | null => {
    if (decision.is === 'allowed') return null;
    return decision.is === 'denied'
      ? { verdict: 'refused', sentence: `Refused at ${where} by ${nameOf(decision)}.` }
      : {
          verdict: 'unknown',
          sentence: `Whether ${nameOf(decision)} at ${where} lets it pass depends on what is not known here.`,
        };
  };
  if (passes && waypoint && to.service) {
    const { namespace = '', name } = to.service.metadata;
    const policies = policiesAtWaypoint(facts, { namespace, name }, waypoint);
    const found = decided(
      authorize(
        policies.filter(({ kind }) => kind === 'AuthorizationPolicy'),
        { ...client, port },
      ),
      'the waypoint',
    );
    if (found) return found;
  }
  if (!server) return null;
  const carrier = carrierOf(server);
  if (carrier === 'none') return null;
  if (client.principal === '') {
    const { mode, by } = mtlsOf(facts, server, look.targetPort);
    if (mode === 'STRICT') {
      return {
        verdict: 'refused',
        sentence: `Refused at the server: plain text is not taken (STRICT by ${by}).`,
      };
    }
  }
  const pod = passes && waypoint ? waypointPods(facts, waypoint.namespace, waypoint.name)[0] : null;
  const arriving: Access = pod
    ? {
        principal: principalOf(facts, pod.metadata.namespace ?? '', accountOf(pod)),
        namespace: pod.metadata.namespace ?? '',
        port: look.targetPort,
      }
    : { ...client, port: look.targetPort };
  const atServer: Access =
    carrier === 'ambient' ? { ...arriving, http: undefined } : { ...arriving, http: client.http };
  return decided(
    authorize(policiesOnPod(facts, server, 'AuthorizationPolicy'), atServer),
    carrier === 'ambient' ? 'the ztunnel of the server' : 'the sidecar of the server',
  );
}

function accessOf(look: Look): Access {
  const { facts, client, to, asked, port } = look;
  const isKnown = client && sentBy(look) !== 'none' && carriedBy(look) !== 'none';
  return {
    principal: isKnown
      ? principalOf(facts, client.metadata.namespace ?? '', accountOf(client))
      : '',
    namespace: isKnown ? (client.metadata.namespace ?? '') : '',
    port,
    http: {
      method: asked.method ?? 'GET',
      path: asked.path ?? '/',
      host:
        asked.host ?? `${to.service?.metadata.name ?? to.name}.${to.namespace}.svc.cluster.local`,
    },
  };
}
