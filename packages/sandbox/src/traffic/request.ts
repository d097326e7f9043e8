import { shopServices, type Call, type ShopService } from '../shop/services.ts';
import { matchesMap } from '../controllers/selectors.ts';
import { isAllowed, isStrict, policiesAtWaypoint, policiesOn } from './authorization.ts';
import type { MetricsBook } from './metrics.ts';
import { around, pick } from './random.ts';
import type { AccessLog } from './access-log.ts';
import {
  portOf,
  principalOf,
  report,
  type LabelTexts,
  type Reporter,
  type Seen,
} from './report.ts';
import { hostOf, routeRequest, type RouteDecision, type WeightedBackend } from './routing.ts';
import type { Door, Peer, Target, World } from './world.ts';

export interface Outcome {
  code: number;
  ms: number;
}

export interface Simulation {
  world: World;
  book: MetricsBook;
  labels: LabelTexts;
  random: () => number;
  log?: AccessLog;
  /** What proxies tell of a request, once it is over; missing: at once. */
  told?: (() => void)[];
}

/** A request that waits at the door of a waypoint that has no pod: nothing is told of it yet. */
export class Waiting extends Error {
  readonly door: Door;

  constructor(door: Door) {
    super('it waits for a waypoint');
    this.door = door;
  }
}

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
}

interface Answer extends Outcome {
  /** Envoy's response flags; `-` for none. */
  flags: string;
  peer: Peer | null;
  target: Target;
  /** How long the proxy waited for servers, all its tries together; missing: it asked none. */
  waitedMs?: number;
}

/** How long a connection to a node that is gone is waited for. */
const connectTimeoutMs = 3_000;
const sidecarMs = 0.6;
const deepest = 8;
/** What a slow service takes longer, and how many of its requests a failing one fails. */
const slowMs = 2_000;
const failingShare = 0.5;
/** Services whose failure their callers put up with. */
const optional = new Set(['recommendations', 'mail']);

/** Sends one simulated request to a Service, with all the requests it causes, and counts it at every proxy on the way. */
export function sendRequest(
  simulation: Simulation,
  source: Peer,
  to: { namespace: string; name: string },
  sent: Sent,
  depth = 0,
): Outcome {
  const { world } = simulation;
  const target = world.target(to.namespace, to.name);
  if (target === undefined || depth > deepest) return { code: 503, ms: 1 };
  const { waypoint } = target;
  if (waypoint && source.proxy === 'ztunnel')
    return throughWaypoint(simulation, source, target, sent, depth);
  if (source.proxy !== 'sidecar') {
    const answer = attempt(simulation, source, source, target, target.peers, sent, depth);
    tell(simulation, 'source', source, source, answer, sent);
    return answer;
  }
  const answer = proxied(simulation, source, source, target, sent, depth);
  tell(simulation, 'source', source, source, answer, sent);
  return answer;
}

/** A waypoint enforces and routes; without a pod of it, ztunnel closes the connection (istio-facts, 3.4). */
function throughWaypoint(
  simulation: Simulation,
  source: Peer,
  target: Target,
  sent: Sent,
  depth: number,
): Outcome {
  const waypoint = target.waypoint!;
  const { peer, door } = waypoint;
  if (peer === null && door !== null && !source.expired) throw new Waiting(door);
  if (peer === null || !peer.alive || peer.expired || source.expired) {
    const lost: Answer = { code: 503, ms: 2, flags: 'CONNECT', peer: null, target };
    tell(simulation, 'source', source, source, lost, sent);
    return lost;
  }
  const { name, namespace = '' } = target.service.metadata;
  const policies = policiesAtWaypoint(
    { name, namespace },
    waypoint,
    simulation.world.authorization,
  );
  const access = {
    principal: principalOf(source),
    sourceNamespace: source.namespace,
    http: { method: sent.method, path: sent.path },
    port: portOf(target),
  };
  const answer: Answer = isAllowed(policies, access)
    ? proxied(simulation, source, peer, target, sent, depth)
    : { code: 403, ms: 1, flags: '-', peer: null, target };
  const total = { ...answer, ms: answer.ms + sidecarMs };
  tell(simulation, 'source', source, source, { ...total, flags: '-' }, sent);
  tell(simulation, 'waypoint', peer, source, total, sent);
  return total;
}

/** What a proxy that knows the routes does: fault, choice of a backend, retries, timeout. */
function proxied(
  simulation: Simulation,
  source: Peer,
  carrier: Peer,
  target: Target,
  sent: Sent,
  depth: number,
): Answer {
  const { world, random } = simulation;
  const { name, namespace = '' } = target.service.metadata;
  if (protocolOf(target) === 'tcp') {
    return attempt(simulation, source, carrier, target, target.peers, sent, depth);
  }
  const decision = routeRequest(
    { name, namespace },
    { ...sent, sourceLabels: source.labels, port: portOf(target) },
    world,
  );
  const { abort, delay } = decision;
  const delayedMs = delay && random() * 100 < delay.percent ? delay.ms : 0;
  if (abort && random() * 100 < abort.percent) {
    return { code: abort.status, ms: delayedMs + sidecarMs, flags: 'FI', peer: null, target };
  }
  if (decision.respond !== undefined) {
    const flags = decision.respond === 404 ? 'NR' : '-';
    return { code: decision.respond, ms: delayedMs + sidecarMs, flags, peer: null, target };
  }
  const answer = tries(simulation, source, carrier, target, decision, sent, depth);
  const ms = delayedMs + answer.ms + sidecarMs;
  const { timeoutMs = Infinity } = decision;
  const isLate = answer.ms > timeoutMs;
  const waited = { waitedMs: Math.min(answer.ms, timeoutMs) };
  if (isLate) return { ...answer, ...waited, code: 504, ms: delayedMs + timeoutMs, flags: 'UT' };
  const flags = delayedMs > 0 && answer.flags === '-' ? 'DI' : answer.flags;
  return { ...answer, ...waited, ms, flags };
}

function tries(
  simulation: Simulation,
  source: Peer,
  carrier: Peer,
  target: Target,
  decision: RouteDecision,
  sent: Sent,
  depth: number,
): Answer {
  let ms = 0;
  const backend = pick(decision.backends, ({ weight }) => weight, simulation.random);
  for (let retry = 0; ; retry++) {
    const answer = toBackend(simulation, source, carrier, target, backend, sent, depth);
    ms += answer.ms;
    const again = answer.code === 503 || (decision.retriesAnswers === true && answer.code >= 500);
    if (!again) return { ...answer, ms };
    if (retry >= decision.retries) {
      const flags =
        decision.retries > 0 && answer.flags !== '-' ? `${answer.flags},URX` : answer.flags;
      return { ...answer, ms, flags };
    }
  }
}

function toBackend(
  simulation: Simulation,
  source: Peer,
  carrier: Peer,
  original: Target,
  backend: WeightedBackend | undefined,
  sent: Sent,
  depth: number,
): Answer {
  const { world } = simulation;
  if (backend === undefined) return { code: 503, ms: 1, flags: 'NC', peer: null, target: original };
  const target = world.target(backend.namespace, backend.name);
  if (target === undefined) return { code: 503, ms: 1, flags: 'NC', peer: null, target: original };
  let { peers } = target;
  if (backend.subset !== undefined) {
    const labels = subsetLabels(world, target, backend.subset);
    if (labels === undefined) return { code: 503, ms: 1, flags: 'NC', peer: null, target };
    peers = peers.filter((peer) => matchesMap(labels, peer.labels));
  }
  return attempt(simulation, source, carrier, target, peers, sent, depth);
}

function subsetLabels(
  { destinationRules }: World,
  target: Target,
  subset: string,
): Record<string, string> | undefined {
  const { name, namespace } = target.service.metadata;
  for (const { metadata, spec } of destinationRules) {
    const host = hostOf(spec.host, metadata.namespace ?? '');
    if (host.name !== name || host.namespace !== namespace) continue;
    const found = spec.subsets?.find((one) => one.name === subset);
    if (found) return found.labels ?? {};
  }
  return undefined;
}

/**
 * One try at one pod. `carrier` is whose identity the connection has: the caller's own, or its waypoint's.
 */
function attempt(
  simulation: Simulation,
  source: Peer,
  carrier: Peer,
  target: Target,
  peers: Peer[],
  sent: Sent,
  depth: number,
): Answer {
  const { world, random } = simulation;
  const failed = (flags: string, ms: number, peer: Peer | null): Answer => ({
    code: 503,
    ms,
    flags,
    peer,
    target,
  });
  if (peers.length === 0) return failed('UH', 1, null);
  const peer = pick(peers, () => 1, random);
  const port = portOf(target);
  if (!peer.alive) return failed('UF', connectTimeoutMs, peer);
  const bothInMesh = carrier.proxy !== 'none' && peer.proxy !== 'none';
  if (bothInMesh && (carrier.expired || peer.expired)) return failed('UF', 2, peer);
  if (!bothInMesh && peer.proxy !== 'none' && isStrict(peer, port, world.peerAuthentication)) {
    return failed('UC', 1, peer);
  }
  const arrived = (answer: Answer): Answer => {
    if (peer.proxy !== 'none')
      tell(
        simulation,
        'destination',
        peer,
        carrier === source ? source : carrier,
        answer,
        sent,
        bothInMesh,
      );
    return answer;
  };
  if (peer.proxy !== 'none' && !admits(simulation, carrier, bothInMesh, peer, target, sent)) {
    if (peer.proxy === 'sidecar') return arrived({ code: 403, ms: 1, flags: '-', peer, target });
    arrived({ code: 503, ms: 1, flags: 'DENY', peer, target });
    return failed('UC', 1, peer);
  }
  const served = serve(simulation, peer, target, sent, depth);
  return arrived({ ...served, flags: '-', peer, target });
}

function admits(
  { world }: Simulation,
  carrier: Peer,
  hasIdentity: boolean,
  peer: Peer,
  target: Target,
  { method, path }: Sent,
): boolean {
  const readsHttp = peer.proxy === 'sidecar' && protocolOf(target) !== 'tcp';
  return isAllowed(policiesOn(peer, world.authorization), {
    principal: hasIdentity ? principalOf(carrier) : '',
    sourceNamespace: hasIdentity ? carrier.namespace : '',
    port: portOf(target),
    ...(readsHttp ? { http: { method, path } } : {}),
  });
}

/** The work of the application behind the pod, and what it asks of others. */
function serve(
  simulation: Simulation,
  peer: Peer,
  target: Target,
  sent: Sent,
  depth: number,
): Outcome {
  const { random, world } = simulation;
  const app = appOf(target);
  const { name, namespace = '' } = target.service.metadata;
  const key = `${namespace}/${name}`;
  let ms = around(app?.workMs ?? 3, random) + (world.faults.isSlow(key) ? slowMs : 0);
  if (world.faults.isFailing(key) && random() < failingShare) return { code: 500, ms };
  if (app === undefined) return { code: 200, ms };
  for (const call of app.calls) {
    for (let times = timesOf(call, random); times > 0; times--) {
      const answer = sendRequest(
        simulation,
        peer,
        { namespace: peer.namespace, name: call.to },
        { method: call.method, path: call.path, headers: sent.headers },
        depth + 1,
      );
      ms += answer.ms;
      if (answer.code >= 400 && !optional.has(call.to)) return { code: 500, ms };
    }
  }
  return { code: random() < app.failing ? 500 : 200, ms };
}

const timesOf = ({ perRequest }: Call, random: () => number): number =>
  Math.floor(perRequest) + (random() < perRequest % 1 ? 1 : 0);

const apps = new Map(shopServices.map((service) => [service.name, service]));

const appOf = ({ service }: Target): ShopService | undefined =>
  apps.get(service.spec.selector?.app ?? service.metadata.name);

function protocolOf({ service }: Target): 'http' | 'grpc' | 'tcp' {
  const port = service.spec.ports?.[0];
  const name = port?.appProtocol ?? port?.name?.split('-')[0] ?? '';
  if (name === 'grpc') return 'grpc';
  return name === 'http' || name === 'http2' ? 'http' : 'tcp';
}

/** Has a proxy count what it saw; whoever has none counts nothing. */
function tell(
  { book, labels, random, log, told }: Simulation,
  reporter: Reporter,
  teller: Peer,
  source: Peer,
  answer: Answer,
  { method, path, headers }: Sent,
  mutualTls = source.proxy !== 'none' && (answer.peer?.proxy ?? 'none') !== 'none',
): void {
  if (teller.reporter === null || !teller.alive) return;
  // A proxy learns who calls only from its certificate, ztunnel also from its address.
  const isKnown =
    reporter !== 'destination' || source.proxy !== 'none' || teller.proxy === 'ztunnel';
  const seen: Seen = {
    reporter,
    by: teller.reporter,
    source: isKnown ? source : null,
    destination: answer.peer,
    target: answer.target,
    protocol: protocolOf(answer.target),
    mutualTls,
    code: answer.code,
    flags: answer.flags,
    ms: answer.ms,
    waitedMs: answer.waitedMs ?? null,
  };
  const asTcp = teller.proxy === 'ztunnel';
  const say = () => {
    report(book, labels, seen, asTcp, random);
    log?.add(seen, { method, path, agent: headers['user-agent'] ?? '', asTcp });
  };
  if (told) told.push(say);
  else say();
}
