import { nodeKinds, protocols, type NodeKind, type Protocol } from './model.ts';
import { idPart } from './text.ts';

/** What the id of a node says. */
export interface NodeId {
  kind: NodeKind;
  cluster: string;
  namespace: string;
  name: string;
  /** Of a version; else empty. */
  version: string;
}

export interface EdgeId {
  source: NodeId;
  target: NodeId;
  protocol: Protocol;
}

/** Writes `kind:cluster/namespace/name[/version]`; what a kind has no part of is empty. */
export const nodeIdOf = (
  kind: string,
  cluster: string,
  namespace: string,
  name: string,
  version = '',
): string =>
  `${kind}:${idPart(cluster)}/${idPart(namespace)}/${idPart(name)}${version ? `/${idPart(version)}` : ''}`;

/** Reads `kind:cluster/namespace/name[/version]`; null for what is no id of a node. */
export function parseNodeId(id: string): NodeId | null {
  const colon = id.indexOf(':');
  const kind = nodeKinds.find((each) => each === id.slice(0, colon));
  const parts = id
    .slice(colon + 1)
    .split('/')
    .map(plain);
  const [cluster, namespace, name, version = null] = parts;
  if (kind === undefined || parts.length > 4) return null;
  if (cluster === undefined || namespace === undefined || name === undefined) return null;
  return { kind, cluster, namespace, name, version: version ?? '' };
}

/** Reads `source>target#protocol`; null for what is no id of an edge. */
export function parseEdgeId(id: string): EdgeId | null {
  const [ends = '', end = '', ...rest] = id.split('#');
  const [from = '', to = '', ...more] = ends.split('>');
  const source = parseNodeId(from);
  const target = parseNodeId(to);
  const protocol = protocols.find((each) => each === end);
  if (rest.length + more.length > 0 || !source || !target || !protocol) return null;
  return { source, target, protocol };
}

/** Undoes `idPart`. */
const plain = (part: string): string =>
  part.replace(/%(25|2f|3e|23)/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
