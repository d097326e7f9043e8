interface Entry {
  name?: string;
  error_state?: { details?: string };
  cluster?: { name?: string };
  active_state?: object;
  warming_state?: object;
}

/**
 * What Envoy says it refused, from its config_dump: each dynamic listener and cluster with an error_state
 * (envoyproxy.io, UpdateFailureState). Pure. @returns sentences; empty also for a text that is no dump
 */
export function rejectedIn(dump: string): string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(look);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const entry = value as Entry;
    if (entry.error_state?.details) {
      const name = entry.name ?? entry.cluster?.name ?? 'a resource';
      found.push(`${name}: ${entry.error_state.details}`);
      return;
    }
    // Of what is below a state nothing can be refused by itself.
    if (entry.active_state || entry.warming_state) return;
    for (const inner of Object.values(value)) look(inner);
  };
  try {
    const { configs } = JSON.parse(dump) as { configs?: object[] };
    for (const config of configs ?? []) {
      const isDump = 'dynamic_listeners' in config || '@type' in config;
      if (isDump) look({ ...config, '@type': undefined });
    }
  } catch {
    return [];
  }
  return found;
}
