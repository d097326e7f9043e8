import type { Kubectl } from '@ambit/run/testing/kubectl';

/** What came back to the client pod: requests by answer, `v1`, `v2` or a status such as `503`. */
export type Counts = Record<string, number>;

/**
 * Sends requests from the sample application's client pod to its service, through whatever stands between them now.
 * Istio's echo client prints one block a request; the status and the version that answered are counted.
 */
export async function traffic(kubectl: Kubectl, requests: number): Promise<Counts> {
  const text = await kubectl.do(
    `exec -n shop deploy/client -c client -- client --count ${requests} http://echo:8080/`,
  );
  const counts: Counts = {};
  const versions = new Map<string, string>();
  const statuses = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, request, field, value] = /^\[(\d+)(?: body)?\] (\w+)=(.*)$/.exec(line) ?? [];
    if (request === undefined || value === undefined) continue;
    if (field === 'StatusCode') statuses.set(request, value.trim());
    if (field === 'ServiceVersion') versions.set(request, value.trim());
  }
  for (const [request, status] of statuses) {
    const key = status === '200' ? (versions.get(request) ?? '200') : status;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
