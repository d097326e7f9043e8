import { z } from 'zod';
import { kubeObjectSchema } from '../common.ts';

/**
 * What an agent tells of the objects of its cluster beside its own: `direct` were applied in the cluster by others,
 * `mesh` are the ones Ambit delivered (their status alone travels), `fact` are what diagnosis and topology look at.
 */
export const objectOrigins = ['direct', 'mesh', 'fact'] as const;
export type ObjectOrigin = (typeof objectOrigins)[number];

export const objectLimits = {
  /** Objects of one report, and bytes of it as it is sent. */
  perReport: 1_000,
  reportMaxBytes: 4 * 1024 * 1024,
  /** A larger object is told without its content. */
  objectMaxBytes: 256 * 1024,
  /** Objects of one kind in a cluster; what is more is counted, not told. */
  perKind: 10_000,
  /** Rows of one cluster that the platform keeps. */
  perCluster: 60_000,
  minIntervalMs: 1_000,
  /** How often an agent compares all it told with what the platform has. */
  compareEveryMs: 3_600_000,
} as const;

/**
 * Kinds that an agent tells if its rights let it, and of Secrets only public certificates: those of type
 * `kubernetes.io/tls`, and those that a Gateway names. The CA of the mesh is a fact of its own (`authority.ts`).
 */
export const furtherKinds = [
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'CertificateAuthority',
] as const;
export type FurtherKind = (typeof furtherKinds)[number];

/** Tools that leave their mark on objects; `other` is known by its field manager alone. */
export const writerTools = [
  'argocd',
  'flux',
  'helm',
  'kubectl',
  'terraform',
  'istio',
  'ambit',
  'other',
] as const;
export type WriterTool = (typeof writerTools)[number];

/** Who wrote an object: the tool, what it belongs to there (release, application), and the field managers. */
export const writerSchema = z
  .object({
    tool: z.enum(writerTools),
    application: z.string().max(300),
    managers: z.array(z.string().max(200)).max(10),
  })
  .meta({ id: 'ObjectWriter' });
export type Writer = z.infer<typeof writerSchema>;

export const reportedObjectSchema = z.object({
  /** Of the object, origin and writer as sent; only a differing one travels. */
  digest: z.string().min(8).max(64),
  origin: z.enum(objectOrigins),
  writer: writerSchema.nullable(),
  object: kubeObjectSchema,
  /** It was too large: only its identity was sent. */
  truncated: z.boolean().optional(),
});
export type ReportedObject = z.infer<typeof reportedObjectSchema>;

const seqSchema = z.number().int().nonnegative();

/** `POST objects` (gzip): what changed since the report that made `base`. */
export const objectsReportSchema = z.object({
  base: seqSchema,
  upserts: z.array(reportedObjectSchema).max(objectLimits.perReport),
  /** Keys of objects that are gone. */
  removals: z.array(z.string().max(1000)).max(objectLimits.perCluster),
  /** Objects over the limits, by kind. */
  omitted: z.record(z.string(), z.number().int()),
  /** Which of `furtherKinds` are told whole: nothing may be concluded from what is missing of the others. */
  told: z.array(z.string().max(100)).max(50).optional(),
  /** Every kind was listed and nothing more is waiting: the platform has the whole picture. */
  complete: z.boolean(),
});
export type ObjectsReport = z.infer<typeof objectsReportSchema>;

/** `accepted: false`: `base` is not what the platform has; ask for the index and begin from there. */
export const objectsReplySchema = z.object({
  accepted: z.boolean(),
  seq: seqSchema,
  slowMs: z.number().int().optional(),
});
export type ObjectsReply = z.infer<typeof objectsReplySchema>;

/** `GET objects`: digests by key of all the platform has of this cluster. */
export const objectsIndexSchema = z.object({
  seq: seqSchema,
  objects: z.record(z.string(), z.string()),
});
export type ObjectsIndex = z.infer<typeof objectsIndexSchema>;

export interface ObjectIdentity {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

/** `group/Kind/namespace/name`: one object of a cluster, whatever its version; none of the parts holds a slash. */
export const objectKey = ({ group, kind, namespace, name }: ObjectIdentity): string =>
  `${group}/${kind}/${namespace}/${name}`;

/** @returns null for a text that is no key */
export function parseObjectKey(key: string): ObjectIdentity | null {
  const [group, kind, namespace, name, ...more] = key.split('/');
  if (group === undefined || !kind || namespace === undefined || !name || more.length > 0)
    return null;
  return { group, kind, namespace, name };
}
