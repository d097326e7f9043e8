import type { IntegrationKind } from '@ambit/contracts/operations/integration';
import type { Outputs } from '@/lib/session.tsx';

export type Integration = Outputs['integration']['list']['items'][number];

/** What was typed; texts as they stand in their fields. */
export interface Draft {
  kind: IntegrationKind;
  name: string;
  /** `all`, or the id of a mesh or a cluster. */
  scope: string;
  address: string;
  auth: 'none' | 'basic' | 'bearer';
  username: string;
  password: string;
  token: string;
  /** One `Name: value` a line; behind `!` its value is secret. */
  headers: string;
  caPem: string;
  insecureSkipVerify: boolean;
  timeoutS: string;
  reach: 'platform' | 'agent';
  matchers: string;
  latency: boolean;
  /** Page of a trace for people, with {traceId}. */
  traceUrl: string;
}

export function draftOf(of: Integration | null): Draft {
  return {
    kind: of?.kind ?? 'prometheus',
    name: of?.name ?? '',
    scope: of?.clusterId ?? of?.meshId ?? 'all',
    address: of?.address ?? '',
    auth: of?.auth.kind ?? 'none',
    username: of?.auth.kind === 'basic' ? of.auth.username : '',
    password: '',
    token: '',
    headers: (of?.headers ?? [])
      .map(({ name, value, secret }) => `${secret ? '!' : ''}${name}: ${value ?? ''}`.trimEnd())
      .join('\n'),
    caPem: of?.caPem ?? '',
    insecureSkipVerify: of?.insecureSkipVerify ?? false,
    timeoutS: String((of?.timeoutMs ?? 15_000) / 1000),
    reach: of?.reach ?? 'platform',
    matchers: of?.matchers ?? '',
    latency: of?.latency ?? true,
    traceUrl: of?.traceUrl ?? '',
  };
}

/** The input of `integration.create`; secrets that were left empty are left out. */
export function inputOf(draft: Draft) {
  const { kind, name, scope, reach, caPem, insecureSkipVerify, matchers, latency } = draft;
  return {
    kind,
    name: name.trim(),
    address: draft.address.trim(),
    clusterId: scope.startsWith('cls_') ? scope : null,
    meshId: scope.startsWith('msh_') ? scope : null,
    auth: authOf(draft),
    headers: headersOf(draft.headers),
    caPem: caPem.trim(),
    insecureSkipVerify,
    timeoutMs: Math.round(Number(draft.timeoutS) * 1000),
    reach,
    ...(kind === 'prometheus'
      ? { matchers: matchers.trim(), latency }
      : { traceUrl: draft.traceUrl.trim() }),
  };
}

function authOf({ auth, username, password, token }: Draft) {
  if (auth === 'basic') return { kind: auth, username, ...(password ? { password } : {}) };
  if (auth === 'bearer') return { kind: auth, ...(token ? { token } : {}) };
  return { kind: auth };
}

function headersOf(text: string) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const secret = line.startsWith('!');
      const [name = '', ...rest] = line.slice(secret ? 1 : 0).split(':');
      const value = rest.join(':').trim();
      return { name: name.trim(), secret, ...(secret && value === '' ? {} : { value }) };
    });
}
