import { z } from 'zod';
import { timeSchema } from '../common.ts';

/** The fact of an agent that says what certificates a mesh's CA has; a kind of Ambit's own, in no cluster. */
export const authorityKind = { apiVersion: 'ambit.dev/v1', kind: 'CertificateAuthority' } as const;

/**
 * Where Istio keeps its CA, the first that there is: `cacerts` of the operator, `istio-ca-secret` of istiod's own making,
 * and the root alone in the ConfigMap that every workload reads.
 * See https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/
 */
export const authoritySources = ['cacerts', 'istio-ca-secret', 'istio-ca-root-cert'] as const;
export type AuthoritySource = (typeof authoritySources)[number];

export const authorityRoles = ['signing', 'intermediate', 'root'] as const;

const authorityCertificateSchema = z.object({
  /** `signing` issues the certificates of workloads; all of its chain must be valid for those to be. */
  role: z.enum(authorityRoles),
  subject: z.string().max(500),
  issuer: z.string().max(500),
  notBefore: timeSchema,
  notAfter: timeSchema,
  /** SHA-256 of the certificate, in hexadecimal with colons. */
  fingerprint: z.string().max(100),
});
export type AuthorityCertificate = z.infer<typeof authorityCertificateSchema>;

/** `spec` of the fact: public parts only. */
export const authoritySpecSchema = z.object({
  source: z.enum(authoritySources),
  /** istiod made it itself (Istio's default); null when only the root is known. */
  isSelfSigned: z.boolean().nullable(),
  certificates: z.array(authorityCertificateSchema).max(30),
});
export type AuthoritySpec = z.infer<typeof authoritySpecSchema>;
