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
};
