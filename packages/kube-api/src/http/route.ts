/** A path of the API, taken apart. */
export type Route =
  | { kind: 'core' }
  | { kind: 'groups' }
  | { kind: 'group'; group: string }
  | { kind: 'version'; group: string; version: string }
  | {
      kind: 'resource';
      group: string;
      version: string;
      plural: string;
      namespace: string;
      name: string;
      subresource: string;
      /** The path named a namespace. */
      scoped: boolean;
    }
  | { kind: 'other'; path: string };

const namespaceSubresources = new Set(['status', 'finalize']);

/** Takes a path apart; undefined when a segment is not valid percent-encoding. */
export function parseRoute(path: string): Route | undefined {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '') continue;
    if (!segment.includes('%')) segments.push(segment);
    else {
      try {
        segments.push(decodeURIComponent(segment));
      } catch {
        return undefined;
      }
    }
  }
  if (segments[0] === 'api') return below(segments, '', 1);
  if (segments[0] !== 'apis') return { kind: 'other', path: `/${segments.join('/')}` };
  if (segments.length === 1) return { kind: 'groups' };
  if (segments.length === 2) return { kind: 'group', group: segments[1]! };
  return below(segments, segments[1]!, 2);
}

function below(segments: string[], group: string, at: number): Route {
  const version = segments[at];
  if (version === undefined) return { kind: 'core' };
  const rest = segments.slice(at + 1);
  if (rest.length === 0) return { kind: 'version', group, version };
  const scoped =
    rest[0] === 'namespaces' &&
    rest.length > 2 &&
    !(rest.length === 3 && namespaceSubresources.has(rest[2]!));
  const namespace = scoped ? rest[1]! : '';
  const [plural = '', name = '', ...subresource] = scoped ? rest.slice(2) : rest;
  return {
    kind: 'resource',
    group,
    version,
    plural,
    namespace,
    name,
    subresource: subresource.join('/'),
    scoped,
  };
}
