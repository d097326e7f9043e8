import type { KindName, Specs } from './kinds.ts';
import type { Labels } from './kubernetes.ts';

/** Steps into an object: names and list indexes, `['spec', 'http', 0, 'route']`. */
export type Path = readonly (string | number)[];

/** Where an object was read from; lines count from 1 and are found when asked for. */
export type Origin = {
  file: string;
  /** The first line of the object's document. */
  line: number;
  /** The line of the path, or of the nearest parent that is written. */
  lineOf: (path: Path) => number;
  /** The lines that istioctl names, where it counts in another way than people do. */
  istioLine: number;
  /** For the value that is written at the path exactly; undefined when none is, or it is no scalar. */
  istioLineOf: (path: Path) => number | undefined;
  /** The document's text as istioctl compares it to tell repeats; undefined in a List. */
  istioText?: string | undefined;
};

/** One object of a snapshot. Never changed after it was made. */
export type Resource<K extends KindName = KindName> = K extends KindName
  ? {
      /** Unique in a snapshot: `cluster|Kind|namespace/name`. */
      id: string;
      /** The member cluster that it was seen in; empty for a mesh's own policies and for files. */
      cluster: string;
      kind: K;
      namespace: string;
      name: string;
      labels: Labels;
      annotations: Labels;
      spec: Specs[K];
      /** `status` as written. */
      status: unknown;
      /** The whole object as written. */
      object: Readonly<Record<string, unknown>>;
      origin?: Origin;
      /** Of Istio's kinds: fields that are written and that the kind does not have. */
      unknownFields?: readonly { message: string; path: Path }[];
    }
  : never;

/** `namespace/name`, or `name` where there is no namespace. */
export const fullName = ({ namespace, name }: { namespace: string; name: string }): string =>
  namespace === '' ? name : `${namespace}/${name}`;

/** The word for the kind in `Kind namespace/name`: both Gateways are "Gateway". */
export const kindWord = (kind: KindName): string =>
  kind === 'KubernetesGateway' ? 'Gateway' : kind;

/** `Kind namespace/name`, as findings name a resource. */
export const resourceName = (resource: {
  kind: KindName;
  namespace: string;
  name: string;
}): string => `${kindWord(resource.kind)} ${fullName(resource)}`;
