import type { Raw } from './compact.ts';

interface Tls {
  credentialName?: string;
  credentialNames?: string[];
  certificateRefs?: { name?: string }[];
}
interface GatewaySpec {
  servers?: { tls?: Tls }[];
  listeners?: { tls?: Tls }[];
}

/** Names of the Secrets that a Gateway, of Istio or of the Gateway API, takes its certificates from. */
export function credentialsOf({ spec }: Raw): string[] {
  const { servers = [], listeners = [] } = (spec ?? {}) as GatewaySpec;
  const names = [...servers, ...listeners].flatMap(({ tls }) => [
    tls?.credentialName,
    ...(tls?.credentialNames ?? []),
    ...(tls?.certificateRefs ?? []).map(({ name }) => name),
  ]);
  return names.flatMap((name) => {
    const last = name?.split('/').at(-1) ?? '';
    // Anything else is the name of no Secret, and must not become a part of a query.
    return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(last) ? [last] : [];
  });
}

/** The names that all Gateways of a cluster give, as those come, change and go. */
export interface CredentialNames {
  /** All Gateways of a source, by their keys. */
  list(source: string, named: [key: string, names: string[]][]): void;
  put(source: string, key: string, names: string[]): void;
  remove(source: string, key: string): void;
  /** Without doubles, ordered. */
  all(): string[];
}

export function makeCredentialNames(changed: () => void): CredentialNames {
  const sources = new Map<string, Map<string, string[]>>();
  const of = (source: string) => {
    const found = sources.get(source) ?? new Map<string, string[]>();
    sources.set(source, found);
    return found;
  };
  return {
    list: (source, named) => {
      sources.set(source, new Map(named.filter(([, names]) => names.length > 0)));
      changed();
    },
    put: (source, key, names) => {
      if (names.length === 0) of(source).delete(key);
      else of(source).set(key, names);
      changed();
    },
    remove: (source, key) => {
      if (of(source).delete(key)) changed();
    },
    all: () =>
      [...new Set([...sources.values()].flatMap((each) => [...each.values()].flat()))].sort(),
  };
}
