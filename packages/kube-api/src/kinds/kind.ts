import type { RawSchema } from '../schema/node.ts';
import type { FieldError } from '../status.ts';
import type { JsonObject, JsonValue, KubeObject } from '../types.ts';

export interface PrinterColumn {
  name: string;
  type: string;
  jsonPath: string;
  format?: string;
  description?: string;
  /** 0 is always shown; greater ones with `-o wide`. */
  priority?: number;
}

/** A column of a kind whose cells are computed rather than read by a path. */
export interface ComputedColumn {
  name: string;
  type: string;
  format?: string;
  description?: string;
  priority?: number;
  cell: (object: KubeObject, now: Date) => JsonValue;
}

export interface ScalePaths {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}

export interface KindVersion {
  name: string;
  served: boolean;
  storage: boolean;
  /** OpenAPI v3, structural; absent: everything is kept and nothing is checked. */
  schema?: RawSchema;
  columns?: PrinterColumn[];
  computedColumns?: ComputedColumn[];
  status?: boolean;
  scale?: ScalePaths;
  /** JSON paths (`.spec.color`) usable in field selectors beside name and namespace. */
  selectableFields?: string[];
  deprecated?: boolean;
  deprecationWarning?: string;
}

/** One kind of object, as data. Versions stand in order of preference. */
export interface Kind {
  group: string;
  kind: string;
  listKind?: string;
  plural: string;
  singular: string;
  shortNames?: string[];
  categories?: string[];
  namespaced: boolean;
  versions: KindVersion[];
  /** Names it accepts: DNS subdomain (default), DNS label, or anything that fits a path. */
  nameRule?: 'subdomain' | 'label' | 'path';
  /** A kind of Kubernetes itself: takes strategic merge patches and lets nulls fall away. */
  native?: boolean;
  /** The CustomResourceDefinition this came from. */
  crd?: JsonObject;
  /** Seconds a delete leaves a running object, when the client names none (pods: 30). */
  graceSeconds?: number;
  /**
   * Completes an object before admission (derived fields, first status), in place; answers what
   * is wrong with it beyond its schema.
   */
  prepare?: (next: KubeObject, old: KubeObject | undefined, now: Date) => FieldError[];
  /** Extra subresources that a `connect` handler serves (pods/log); for discovery. */
  connects?: { name: string; kind: string; verbs: string[] }[];
}
