import { z } from 'zod';
import { authoritySources } from '../agent/authority.ts';
import { pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

export const certificateStates = ['expired', 'expiring', 'valid'] as const;

const certificateSchema = z
  .object({
    id: z.string().describe('the same as long as the certificate is at the same place'),
    meshId: idOf('mesh'),
    clusterId: idOf('cluster'),
    clusterName: z.string(),
    use: z.enum(['authority', 'gateway']),
    usedBy: z
      .array(z.string())
      .describe('`Kind namespace/name` of what names it; empty for the CA of the mesh'),
    source: z.string().describe('`Kind namespace/name` of where it is kept'),
    role: z.enum(['signing', 'intermediate', 'root', 'server']),
    subject: z.string(),
    issuer: z.string(),
    notBefore: timeSchema,
    notAfter: timeSchema,
    state: z.enum(certificateStates),
    isSelfSigned: z
      .boolean()
      .nullable()
      .describe('of a CA: istiod made it itself, as is the default; null where that is not known'),
  })
  .meta({ id: 'Certificate' });

export const certificateList = defineOperation({
  id: 'certificate.list',
  kind: 'query',
  permission: 'finding.read',
  rest: { method: 'GET', path: '/v1/certificates' },
  summary: 'Certificates that meshes live by, the first to expire first',
  description: `The CA of each control plane (Secret ${authoritySources[0]} or ${authoritySources[1]}, else the root of ConfigMap ${authoritySources[2]}) and the Secrets that Gateways name, as the agents tell them. Public parts only; keys stay in the clusters.`,
  input: z.object({
    ...pageInput,
    meshId: idOf('mesh').optional(),
    clusterId: idOf('cluster').optional(),
    state: z
      .enum([...certificateStates, 'soon', 'all'])
      .default('all')
      .describe('soon: expired and expiring'),
  }),
  output: pageOf(certificateSchema),
});
