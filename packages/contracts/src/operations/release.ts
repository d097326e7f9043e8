import { z } from 'zod';
import { defineOperation } from '../operation.ts';

export const releaseInfoSchema = z
  .object({
    version: z.string(),
    channel: z.string(),
    kubernetes: z.object({ min: z.string(), max: z.string() }),
    endOfLife: z.iso.date(),
    supported: z.boolean(),
    /** Deviations from Istio's own release, each with its reason. */
    patches: z.array(z.object({ name: z.string(), reason: z.string() })),
    /** Where its renderer comes from. */
    source: z.string(),
    meshes: z.number().int(),
  })
  .meta({ id: 'ReleaseInfo' });

export const releaseList = defineOperation({
  id: 'release.list',
  kind: 'query',
  permission: 'release.read',
  rest: { method: 'GET', path: '/v1/releases' },
  summary: 'Installable Istio versions, newest first',
  input: z.object({}),
  output: z.object({ items: z.array(releaseInfoSchema), nextCursor: z.null() }),
});
