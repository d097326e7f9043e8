import { carrierOf, type Carrier, type End, type Server } from './ends.ts';
import { isReady, type ClusterFacts, type PodFact } from './facts.ts';
import { waypointOfService, type WaypointUse } from './waypoint.ts';

export interface Asked {
  port?: number | undefined;
  method?: string | undefined;
  path?: string | undefined;
  host?: string | undefined;
}

/** One pod of each end, and what is between them. */
export interface Look {
  facts: ClusterFacts;
  from: End;
  to: Server;
  asked: Asked;
  waypoint: WaypointUse | null;
  client: PodFact | undefined;
  server: PodFact | undefined;
  port: number;
  targetPort: number;
}

export function lookAt(facts: ClusterFacts, from: End, to: Server, asked: Asked): Look {
  const port = asked.port ?? to.service?.spec?.ports?.[0]?.port ?? 80;
  const own = to.service?.spec?.ports?.find((one) => one.port === port);
  const target = own?.targetPort;
  const preferred = (pods: PodFact[]) => pods.find(isReady) ?? pods[0];
  return {
    facts,
    from,
    to,
    asked,
    waypoint: to.service ? waypointOfService(facts, to.service) : null,
    client: preferred(from.pods),
    server: preferred(to.pods),
    port,
    targetPort: typeof target === 'number' ? target : port,
  };
}

/** One pod decides where pods differ: the one that is shown. */
export const fromOf = ({ from, client }: Look): End =>
  from.kind === 'workload' && client ? { ...from, mode: carrierOf(client) } : from;

export const carriedBy = ({ server }: Look): Carrier => (server ? carrierOf(server) : 'none');
export const sentBy = (look: Look): End['mode'] => fromOf(look).mode;

/** ztunnel closes the connection: the waypoint is Programmed and none of its pods is ready. */
export const isCut = (look: Look): boolean =>
  sentBy(look) === 'ambient' && (look.waypoint?.why.includes('no ready pod') ?? false);
