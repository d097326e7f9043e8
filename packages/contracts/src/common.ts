import { z } from 'zod';

/** A name as Kubernetes takes it (RFC 1123 label, here at most 40 characters so that suffixes fit). */
export const nameSchema = z
  .string()
  .min(1, 'a name is needed')
  .max(40, 'at most 40 characters')
  .regex(
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    'lower-case letters, digits and "-", beginning with a letter',
  );

/** Any name of a label's form (RFC 1123), as Kubernetes itself takes it. */
export const labelNameSchema = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'lower-case letters, digits and "-"')
  .max(63);

export const timeSchema = z.iso.datetime().meta({ example: '2026-11-02T10:15:00.000Z' });

/** A condition in Kubernetes' form (metav1.Condition). */
export const conditionSchema = z
  .object({
    type: z.string(),
    status: z.enum(['True', 'False', 'Unknown']),
    reason: z.string(),
    message: z.string(),
    observedGeneration: z.number().int(),
    lastTransitionTime: timeSchema,
  })
  .meta({ id: 'Condition' });
export type Condition = z.infer<typeof conditionSchema>;

/** The one status vocabulary of the product. */
export const statuses = [
  'Ready',
  'Progressing',
  'Degraded',
  'Failed',
  'Paused',
  'Unknown',
  'Waiting',
] as const;
export const statusSchema = z.enum(statuses);
export type Status = (typeof statuses)[number];

export const pageInput = {
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().optional().describe('nextCursor of the page before'),
};

/** A list answer: `nextCursor` is null on the last page. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** A Kubernetes object as JSON; only its identity is checked here. */
export const kubeObjectSchema = z
  .looseObject({
    apiVersion: z.string().min(1),
    kind: z.string().min(1),
    metadata: z.looseObject({
      name: z.string().min(1),
      namespace: z.string().optional(),
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
  })
  .meta({ id: 'KubernetesObject' });
export type KubeObject = z.infer<typeof kubeObjectSchema>;

export const objectRefSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
});
export type ObjectRef = z.infer<typeof objectRefSchema>;
