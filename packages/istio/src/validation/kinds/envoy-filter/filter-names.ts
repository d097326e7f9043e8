export const httpConnectionManager = 'envoy.filters.network.http_connection_manager';

const names = (prefix: string, list: string): [string, string][] =>
  list
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [old = '', current = old] = entry.split('=');
      return [`envoy.${old}`, `${prefix}${current}`];
    });

/** Names of Envoy's filters before v3 and those of today. */
const current = new Map([
  ...names(
    'envoy.filters.http.',
    `buffer cors csrf http_dynamo_filter=dynamo fault grpc_http1_bridge grpc_json_transcoder grpc_web gzip
     health_check ip_tagging lua rate_limit=ratelimit router squash`,
  ),
  ...names(
    'envoy.filters.network.',
    'client_ssl_auth ext_authz http_connection_manager mongo_proxy ratelimit redis_proxy tcp_proxy',
  ),
  ...names(
    'envoy.filters.listener.',
    `listener.http_inspector=http_inspector listener.original_dst=original_dst listener.original_src=original_src
     listener.proxy_protocol=proxy_protocol listener.tls_inspector=tls_inspector`,
  ),
]);

/** Today's name of a filter that is named as it was once. */
export function currentFilterName(name: string): string | undefined {
  return current.get(name);
}
