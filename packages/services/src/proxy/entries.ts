import type { ConfigResource } from '@ambit/contracts/agent/reads';
import { isObject, objectsOf, type Json } from './json.ts';

export interface ConfigEntry {
  name: string;
  summary: string;
  config: unknown;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>(
    (found, step) =>
      Array.isArray(found) ? found[step as number] : isObject(found) ? found[step] : undefined,
    value,
  );

/** Where each type lies in Envoy's config_dump (envoyproxy.io, admin.v3), and the field that holds the thing itself. */
const places: Record<
  Exclude<ConfigResource, 'bootstrap' | 'ztunnel'>,
  { lists: string[]; field: string[]; nameIn: string }
> = {
  clusters: {
    lists: ['static_clusters', 'dynamic_active_clusters', 'dynamic_warming_clusters'],
    field: ['cluster'],
    nameIn: 'name',
  },
  listeners: {
    lists: ['static_listeners', 'dynamic_listeners'],
    field: ['listener', 'active_state.listener', 'warming_state.listener'],
    nameIn: 'name',
  },
  routes: {
    lists: ['static_route_configs', 'dynamic_route_configs'],
    field: ['route_config'],
    nameIn: 'name',
  },
  endpoints: {
    lists: ['static_endpoint_configs', 'dynamic_endpoint_configs'],
    field: ['endpoint_config'],
    nameIn: 'cluster_name',
  },
  secrets: {
    lists: ['static_secrets', 'dynamic_active_secrets', 'dynamic_warming_secrets'],
    field: ['secret'],
    nameIn: 'name',
  },
  ecds: { lists: ['ecds_filters'], field: ['ecds_filter'], nameIn: 'name' },
};

/**
 * What a proxy shows of its configuration as named entries, by name. What differs between two proxies with the same
 * configuration (versions, moments) is left out; keys never come along.
 */
export function entriesOf(resource: ConfigResource, dump: unknown): ConfigEntry[] {
  if (resource === 'ztunnel') return ztunnelEntries(dump);
  const configs = objectsOf(at(dump, 'configs'));
  if (resource === 'bootstrap') {
    const found = configs.find((config) => config['bootstrap'] !== undefined);
    return found
      ? [
          {
            name: 'bootstrap',
            summary: textOf(at(found, 'bootstrap', 'node', 'id')),
            config: withoutKeys(found['bootstrap']),
          },
        ]
      : [];
  }
  const { lists, field, nameIn } = places[resource];
  const entries = configs.flatMap((config) =>
    lists.flatMap((list) =>
      objectsOf(config[list]).flatMap((item) => {
        const found = field
          .map((path) => at(item, ...path.split('.')))
          .find((value) => value !== undefined);
        const rejected = at(item, 'error_state');
        if (found === undefined && rejected === undefined) return [];
        const thing = withoutKeys(found);
        const name = textOf(at(thing, nameIn)) || textOf(item['name']) || '(no name)';
        const refusal = textOf(at(rejected, 'details'));
        return [
          {
            name,
            summary: [summaryOf(resource, thing), refusal && `refused: ${refusal}`]
              .filter(Boolean)
              .join('; '),
            config: refusal ? { ...(thing as Json), error_state: { details: refusal } } : thing,
          },
        ];
      }),
    ),
  );
  return entries.sort(byName);
}

const byName = (a: ConfigEntry, b: ConfigEntry): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

function summaryOf(resource: ConfigResource, thing: unknown): string {
  switch (resource) {
    case 'clusters':
      return textOf(at(thing, 'type')) || textOf(at(thing, 'cluster_type', 'name'));
    case 'listeners': {
      const address = at(thing, 'address', 'socket_address');
      const where = `${textOf(at(address, 'address'))}:${textOf(at(address, 'port_value'))}`;
      const chains = objectsOf(at(thing, 'filter_chains')).length;
      return `${where === ':' ? '' : `${where}, `}${chains} filter chain${chains === 1 ? '' : 's'}`;
    }
    case 'routes':
      return objectsOf(at(thing, 'virtual_hosts'))
        .map((host) => textOf(host['name']))
        .slice(0, 5)
        .join(', ');
    case 'endpoints': {
      const all = objectsOf(at(thing, 'endpoints')).flatMap((group) =>
        objectsOf(group['lb_endpoints']).map((endpoint) => {
          const address = at(endpoint, 'endpoint', 'address', 'socket_address');
          return `${textOf(at(address, 'address'))}:${textOf(at(address, 'port_value'))}`;
        }),
      );
      return `${all.length} endpoint${all.length === 1 ? '' : 's'}${all.length ? `: ${all.slice(0, 4).join(', ')}` : ''}`;
    }
    case 'secrets':
      return isObject(at(thing, 'validation_context'))
        ? 'certificates that are trusted'
        : 'certificate';
    default:
      return '';
  }
}

/** What ztunnel shows: workloads, services, policies and certificates, each a list or keyed by what it is. */
function ztunnelEntries(dump: unknown): ConfigEntry[] {
  if (!isObject(dump)) return [];
  const each = (part: string): Json[] => {
    const value = dump[part];
    if (Array.isArray(value)) return objectsOf(value);
    return isObject(value) ? Object.values(value).filter(isObject) : [];
  };
  const nameOf = (thing: Json): string =>
    [textOf(thing['namespace']), textOf(thing['name'])].filter(Boolean).join('/') ||
    textOf(thing['identity']) ||
    textOf(thing['uid']) ||
    '(no name)';
  const summary = (part: string, thing: Json): string => {
    if (part === 'workloads') {
      const ips = at(thing, 'workloadIps');
      return `${textOf(thing['protocol'])} ${Array.isArray(ips) ? ips.join(', ') : ''}`.trim();
    }
    if (part === 'services') return textOf(thing['hostname']);
    return part === 'certificates' ? textOf(thing['state']) : '';
  };
  return ['workloads', 'services', 'policies', 'certificates']
    .flatMap((part) =>
      each(part).map((thing) => ({
        name: `${part}/${nameOf(thing)}`,
        summary: summary(part, thing),
        config: withoutKeys(thing),
      })),
    )
    .sort(byName);
}

const hidden = new Set([
  'private_key',
  'privateKey',
  'private_key_provider',
  'password',
  'ticket_keys',
  'session_ticket_keys',
]);
const moving = new Set(['last_updated', 'version_info', 'lastUpdated']);

/** Without private keys, which Envoy blots out itself, and what only says when and in which push it came. */
function withoutKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      if (moving.has(name)) return [];
      return [[name, hidden.has(name) ? '[not told]' : withoutKeys(inner)]];
    }),
  );
}
