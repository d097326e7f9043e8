import type { View } from '../client/cache.ts';

/** Whether proxies write an access log: Istio's MeshConfig says so. */
export function writesAccessLog(view: View): boolean {
  const map = view.get('configmaps', 'istio-system', 'istio');
  return /"?accessLogFile"?\s*:\s*"?[^\s",]/.test(map?.data?.mesh ?? '');
}
