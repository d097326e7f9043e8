interface Proxy {
  ready: boolean;
  inSync: boolean | null;
  sync: Readonly<Partial<Record<string, string>>>;
  syncError: string;
  problem: string;
  istiod: string | null;
}

/** Word of the status vocabulary for a proxy. */
export function proxyStatus({ ready, inSync, syncError }: Proxy): string {
  if (syncError) return 'Failed';
  if (!ready) return 'Progressing';
  if (inSync === null) return 'Unknown';
  return inSync ? 'Ready' : 'Degraded';
}

/** Types of configuration that istiod made and the proxy does not run yet. */
const behindIn = ({ sync }: Pick<Proxy, 'sync'>): string[] =>
  Object.entries(sync)
    .filter(([, state]) => state === 'stale' || state === 'error')
    .map(([type]) => type);

/** What is wrong with a proxy, the most serious first; empty when nothing is. */
export function proxyTrouble(proxy: Proxy): string {
  const behind = behindIn(proxy);
  if (proxy.syncError) return `it refused its configuration: ${proxy.syncError}`;
  if (!proxy.ready) return 'it is not ready';
  if (proxy.inSync === false) {
    return proxy.istiod === ''
      ? 'no istiod knows it'
      : `it does not run the newest configuration${behind.length > 0 ? ` of ${behind.join(', ')}` : ''}`;
  }
  return proxy.problem ? `its metrics cannot be read: ${proxy.problem}` : '';
}
