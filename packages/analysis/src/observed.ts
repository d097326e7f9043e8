/**
 * What telemetry saw of a service. The figures are the most at one moment from ONE calling proxy: the limits of a
 * DestinationRule hold in each proxy by itself. A figure may be lower than the truth, never higher; what was not
 * measured is left out.
 */
export type ServiceTraffic = {
  /** In full: `web.shop.svc.cluster.local`. */
  host: string;
  peakConnections?: number;
  /** Requests under way. */
  peakRequests?: number;
  /** Requests that wait for a connection. */
  peakPendingRequests?: number;
  /** How often in that time one proxy was at its limit of connections, and how many requests limits made fail there. */
  connectionOverflows?: number;
  requestOverflows?: number;
};

/**
 * What a proxy showed on its admin interface that speaks against pods it answers for; there is none of a proxy that is
 * well, or that nobody read.
 */
export type ProxyFault = {
  /** A ztunnel answers for the ambient pods of its node, any other proxy for its own pod. */
  of: 'ztunnel' | 'sidecar';
  cluster: string;
  namespace: string;
  pod: string;
  node: string;
  /** Pods, `namespace/name`, that were redirected and that two looks in a row did not find. */
  misses: string[];
  /** Certificates that were over when they were read; milliseconds since 1970. */
  expired: { identity: string; expiresAt: number }[];
};
