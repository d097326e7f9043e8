import { z } from 'zod';
import { kubeObjectSchema } from '../common.ts';

/** Phases in the order they are applied; removal goes the other way round. */
export const bundlePhases = [
  'namespaces',
  'crds',
  'configuration',
  'control-plane',
  'webhooks',
  'cni',
  'ztunnel',
  'extras',
  'policies',
] as const;
export type BundlePhase = (typeof bundlePhases)[number];

/**
 * What an agent is to apply, content-addressed: its digest is `sha256:` + hex of its canonical JSON bytes.
 * `ownership: full` creates, repairs and prunes the objects (an ApplySet); `fields` only sets the given fields of
 * objects that exist already, and gives them up again on removal (namespace labels).
 */
export const bundleSchema = z.object({
  format: z.literal(1),
  name: z.string(),
  ownership: z.enum(['full', 'fields']),
  phases: z.array(
    z.object({
      name: z.enum(bundlePhases),
      objects: z.array(kubeObjectSchema),
      /** Wait after applying: CRDs Established, workloads rolled out; none for plain objects. */
      wait: z.enum(['none', 'established', 'rollout']),
    }),
  ),
  /**
   * JSON pointers the agent never compares or sets because something in the cluster owns them, by kind;
   * `*` stands for every item of a list.
   */
  ignore: z.array(z.object({ kind: z.string(), paths: z.array(z.string()) })),
  /** Makes the digest of a bundle with Secrets say nothing of them. */
  salt: z.string().optional(),
  /**
   * Objects of others that a person decided to hand over to Ambit: that very object (uid) and, when a generation is
   * given, only as it was seen. It is never deleted; its fields change hands.
   */
  takeOver: z
    .array(
      z.object({
        group: z.string(),
        kind: z.string(),
        namespace: z.string(),
        name: z.string(),
        uid: z.string(),
        generation: z.number().int().nullable(),
      }),
    )
    .optional(),
});
export type Bundle = z.infer<typeof bundleSchema>;
