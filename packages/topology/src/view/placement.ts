import { protocols, type Protocol } from '../model.ts';
import { emptySignals, type Signals } from '../signals.ts';
import type { Link } from '../store/telemetry-store.ts';
import type { ViewOptions } from './options.ts';
import type { Identity, Places } from './places.ts';

/** One link's part in one edge. */
export interface Share {
  from: Identity;
  to: Identity;
  protocol: Protocol;
  signals: Signals;
}

/** Whether what crosses a waypoint at one end of this link is told of by the waypoint itself. */
export type IsCovered = (link: Link, waypointIs: 'source' | 'destination') => boolean;

/** The edges a link stands in, in one view. */
export function placeLink(
  link: Link,
  places: Places,
  options: ViewOptions,
  isCovered: IsCovered,
): Share[] {
  if (options.ambient === 'folded') {
    if (places.isWaypoint(link.destination) && isCovered(link, 'destination')) return [];
    if (places.isWaypoint(link.source) && isCovered(link, 'source')) return [];
  }
  const told = options.ambient === 'folded' ? foldTransport(link) : link.signals;
  const from = places.source(link.source);
  const to = places.destination(link.destination, link.service);
  const asked = hasServiceNodes(options) ? places.service(link.service) : null;
  const middle = asked === null || asked.id === to.id || asked.kind === 'external' ? null : asked;
  const shares: Share[] = [];
  told.forEach((signals, at) => {
    if (signals === null) return;
    const protocol = protocols[at]!;
    if (middle === null) shares.push({ from, to, protocol, signals });
    else {
      shares.push({ from, to: middle, protocol, signals });
      shares.push({ from: middle, to, protocol, signals });
    }
  });
  return shares;
}

const hasServiceNodes = ({ by, services }: ViewOptions): boolean =>
  services && (by === 'workload' || by === 'app' || by === 'version');

const tcp = protocols.indexOf('tcp');

/** Requests and the ztunnel connections that carry them are one traffic: the bytes and security below go to the requests above. */
function foldTransport(link: Link): (Signals | null)[] {
  const transport = link.signals[tcp];
  if (!link.ztunnel || !transport) return link.signals;
  const above = link.signals.findIndex((signals, at) => at !== tcp && signals !== null);
  if (above === -1) return link.signals;
  return link.signals.map((signals, at) => {
    if (at === tcp || signals === null) return null;
    return at === above ? carry(signals, transport) : signals;
  });
}

function carry(requests: Signals, transport: Signals): Signals {
  const both = { ...emptySignals(), ...requests };
  if (requests.requestBytes + requests.responseBytes === 0) {
    both.requestBytes = transport.requestBytes;
    both.responseBytes = transport.responseBytes;
  }
  if (requests.securityKnown === 0 && transport.securityKnown > 0) {
    both.securityKnown = requests.requests;
    both.secured = (requests.requests * transport.secured) / transport.securityKnown;
  }
  return both;
}
