import type { SyncState, SyncType } from '@ambit/contracts/agent/telemetry';
import { z } from 'zod';

/** What istiod's /debug/syncz tells of one proxy (pilot/pkg/xds/debug.go, SyncStatus). */
const statusSchema = z.looseObject({
  proxy: z.string(),
  resources: z
    .record(
      z.string(),
      z.looseObject({
        sent: z.string().optional(),
        acked: z.string().optional(),
        lastError: z.string().optional(),
      }),
    )
    .optional(),
});

const types: [SyncType, string, string | null][] = [
  ['cds', 'type.googleapis.com/envoy.config.cluster.v3.Cluster', 'cluster'],
  ['lds', 'type.googleapis.com/envoy.config.listener.v3.Listener', 'listener'],
  ['eds', 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment', 'endpoint'],
  ['rds', 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration', 'route'],
  ['ecds', 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig', 'extensionconfig'],
  ['wds', 'type.googleapis.com/istio.workload.Address', null],
  ['wads', 'type.googleapis.com/istio.security.Authorization', null],
];

export interface ProxySync {
  istiod: string;
  sync: Partial<Record<SyncType, SyncState>>;
  error: string;
}

/**
 * The state of each proxy that is connected to an istiod, by `namespace/pod`. Older versions of Istio tell sent and
 * acknowledged nonces in fields by type, newer ones also by the type's address.
 */
export function readSync(istiod: string, body: unknown): Map<string, ProxySync> {
  const found = new Map<string, ProxySync>();
  if (!Array.isArray(body)) return found;
  for (const entry of body) {
    const read = statusSchema.safeParse(entry);
    if (!read.success) continue;
    const { proxy, resources = {} } = read.data;
    const dot = proxy.lastIndexOf('.');
    if (dot <= 0) continue;
    const sync: ProxySync['sync'] = {};
    let error = '';
    for (const [type, url, field] of types) {
      const of = resources[url];
      const text = (name: string): string => {
        const value = read.data[name];
        return typeof value === 'string' ? value : '';
      };
      const sent = of?.sent ?? (field ? text(`${field}_sent`) : '');
      const acked = of?.acked ?? (field ? text(`${field}_acked`) : '');
      const isTaken = of !== undefined || sent !== '' || acked !== '';
      if (!isTaken) continue;
      sync[type] = stateOf(sent, acked, of?.lastError ?? '');
      if (of?.lastError) error ||= `${type}: ${of.lastError}`;
    }
    found.set(`${proxy.slice(dot + 1)}/${proxy.slice(0, dot)}`, {
      istiod,
      sync,
      error: error.slice(0, 1_000),
    });
  }
  return found;
}

function stateOf(sent: string, acked: string, error: string): SyncState {
  if (sent === '') return 'notSent';
  if (sent === acked) return 'synced';
  return error === '' ? 'stale' : 'error';
}
