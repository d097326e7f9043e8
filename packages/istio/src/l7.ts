/** Parts of an AuthorizationPolicy's rules, as far as they say whether a proxy of HTTP is needed. */
export interface AuthorizationRules {
  action?: string | number | undefined;
  rules?: readonly {
    from?: readonly { source?: object | undefined }[];
    to?: readonly { operation?: object | undefined }[];
    when?: readonly { key?: string }[];
  }[];
}

/** A part of a rule that only a proxy of HTTP can check: where it stands, and what it is called. */
export interface L7Part {
  path: (string | number)[];
  words: string;
}

export const l7Operation = [
  'methods',
  'notMethods',
  'paths',
  'notPaths',
  'hosts',
  'notHosts',
] as const;
export const l7Source = [
  'requestPrincipals',
  'notRequestPrincipals',
  'remoteIpBlocks',
  'notRemoteIpBlocks',
] as const;

/** Parts that only a proxy of HTTP can check (istio.io, "Authorization policy conditions"). */
export function l7Parts({ rules }: AuthorizationRules): L7Part[] {
  const found: L7Part[] = [];
  const list = (object: object | undefined, names: readonly string[], path: L7Part['path']) => {
    for (const name of names) {
      const values = (object as Record<string, string[] | undefined> | undefined)?.[name];
      if (values && values.length > 0) found.push({ path: [...path, name], words: name });
    }
  };
  for (const [index, rule] of (rules ?? []).entries()) {
    const at = ['spec', 'rules', index];
    for (const [place, { source }] of (rule.from ?? []).entries()) {
      list(source, l7Source, [...at, 'from', place, 'source']);
    }
    for (const [place, { operation }] of (rule.to ?? []).entries()) {
      list(operation, l7Operation, [...at, 'to', place, 'operation']);
    }
    for (const [place, { key = '' }] of (rule.when ?? []).entries()) {
      if (!key.startsWith('request.') && key !== 'remote.ip') continue;
      found.push({ path: [...at, 'when', place], words: key });
    }
  }
  return found;
}

export const isL7Rule = (rule: NonNullable<AuthorizationRules['rules']>[number]): boolean =>
  l7Parts({ rules: [rule] }).length > 0;

/** Actions that ztunnel does not know, whatever the rules say: an external authorizer is asked about requests. */
export const isL7Action = (action: AuthorizationRules['action']): boolean =>
  action === 'CUSTOM' || action === 'AUDIT';

/** Whether an AuthorizationPolicy needs a proxy of HTTP: by its action, or by a part of a rule. */
export const isL7Authorization = (policy: AuthorizationRules): boolean =>
  isL7Action(policy.action) || l7Parts(policy).length > 0;
