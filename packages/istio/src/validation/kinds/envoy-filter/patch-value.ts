import { decodeMessage } from '../../decode/decode.ts';
import type { Decoded } from '../../decode/decode.ts';
import { createSchema } from '../../decode/schema.ts';
import envoyTable from '../../generated/envoy.json' with { type: 'json' };
import type { Report } from '../../issue.ts';

export const envoySchema = createSchema(envoyTable);
const schema = envoySchema;

/** The Envoy message that a patch is part of, by `applyTo`. */
export const patchTypes: Record<string, string> = {
  CLUSTER: 'envoy.config.cluster.v3.Cluster',
  LISTENER: 'envoy.config.listener.v3.Listener',
  ROUTE_CONFIGURATION: 'envoy.config.route.v3.RouteConfiguration',
  FILTER_CHAIN: 'envoy.config.listener.v3.FilterChain',
  HTTP_FILTER: 'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
  NETWORK_FILTER: 'envoy.config.listener.v3.Filter',
  VIRTUAL_HOST: 'envoy.config.route.v3.VirtualHost',
  HTTP_ROUTE: 'envoy.config.route.v3.Route',
  EXTENSION_CONFIG: 'envoy.config.core.v3.TypedExtensionConfig',
  BOOTSTRAP: 'envoy.config.bootstrap.v3.Bootstrap',
  LISTENER_FILTER: 'envoy.config.listener.v3.ListenerFilter',
};

type Found = { path: string; type: number; decoded: Decoded };

/** The message and the messages in its single fields, as far down as Istio looks. */
function* messages(found: Found): Generator<Found> {
  yield found;
  for (const field of schema.message(found.type).ordered) {
    const value = found.decoded[field.name];
    if (
      field.kind !== 'm' ||
      field.shape !== 'one' ||
      typeof value !== 'object' ||
      value === null
    ) {
      continue;
    }
    const path = `${found.path}.${field.name}`;
    yield* messages({ path, type: field.type, decoded: value as Decoded });
  }
}

function warnOfDeprecated(report: Report, { path, type, decoded }: Found): void {
  const { name, fields } = schema.message(type);
  const url = decoded['@type'];
  if (name === 'google.protobuf.Any' && typeof url === 'string') {
    const typed = schema.find(url.slice(url.lastIndexOf('/') + 1));
    if (typed !== undefined && schema.isFrozen(typed)) report.warn(path, `${url} is deprecated`);
  }
  const hasConfig =
    decoded['typedConfig'] !== undefined || decoded['configDiscovery'] !== undefined;
  if (fields.has('typedConfig') && !hasConfig) {
    report.warn(path, 'without typedConfig it is found by its name, which is deprecated');
  }
}

/** Reads the value of a patch as the Envoy message it is merged into; unknown fields only warn. */
export function checkPatchValue(
  report: Report,
  path: string,
  applyTo: string,
  value: object,
): void {
  const type = schema.find(patchTypes[applyTo] ?? '');
  if (type === undefined) {
    report.error(path, `a patch cannot be applied to ${applyTo}`);
    return;
  }
  const unknown: [string, string][] = [];
  const before = report.errors.length;
  const ctx = {
    schema,
    report,
    unknownField: (at: string, message: string) => void unknown.push([at, message]),
  };
  const decoded = decodeMessage(ctx, type, value, path) as Decoded;
  if (report.errors.length > before) return;
  for (const [at, message] of unknown) report.warn(at, message);
  if (unknown.length > 0) return;
  for (const found of messages({ path, type, decoded })) warnOfDeprecated(report, found);
}
