import { z } from 'zod';
import { ruleModes } from '../findings.ts';

/** Whether a mesh's rules hold for writes in its clusters too; with `warn` nothing is ever denied there. */
export const clusterAdmissions = ['off', 'warn', 'deny'] as const;
export type ClusterAdmission = (typeof clusterAdmissions)[number];

/** `typ` of the settings that travel with a desired state. */
export const admissionType = 'ambit-admission';

/** What the agent's webhook goes by; there is none while it is off. */
export const admissionSettingsSchema = z.object({
  mode: z.enum(['warn', 'deny']),
  /** By code; `*` is every rule without one of its own. */
  rules: z.record(z.string(), z.enum(ruleModes)),
  suppressions: z.array(
    z.object({
      code: z.string(),
      resource: z.string(),
      /** Milliseconds since 1970; null: for good. */
      expiresAt: z.number().nullable(),
    }),
  ),
  /** The cluster is the mesh's only one: what is not in it is nowhere. */
  alone: z.boolean(),
  /** The parts of Istio's MeshConfig that rules look at. */
  meshConfig: z.record(z.string(), z.unknown()),
});
export type AdmissionSettings = z.infer<typeof admissionSettingsSchema>;

/** Payload of the JWS: of the same cluster and generation as the desired state it came with. */
export const signedAdmissionSchema = z.object({
  sub: z.string(),
  gen: z.number().int(),
  admission: admissionSettingsSchema,
});
