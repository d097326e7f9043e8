import { z } from 'zod';
import { timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';
import { sandboxFaultKinds } from '../sandbox.ts';

export const sandboxSchema = z
  .object({
    faults: z
      .array(
        z.object({
          id: z.string(),
          kind: z.string(),
          target: z.string(),
          since: timeSchema,
          message: z.string(),
        }),
      )
      .describe('what is broken now'),
    targets: z
      .object({
        pods: z.array(z.string()),
        nodes: z.array(z.string()),
        services: z.array(z.string()),
        serviceAccounts: z.array(z.string()),
      })
      .describe('what can be broken, as namespace/name'),
  })
  .meta({ id: 'Sandbox' });

const clusterId = { clusterId: idOf('cluster') };
const errors = ['a cluster that is not simulated (422)', 'the sandbox does not answer (503)'];

export const sandboxGet = defineOperation({
  id: 'sandbox.get',
  kind: 'query',
  permission: 'cluster.read',
  rest: { method: 'GET', path: '/v1/clusters/{clusterId}/sandbox' },
  summary: 'What is broken in a simulated cluster, and what can be',
  input: z.object(clusterId),
  output: sandboxSchema,
  errors,
});

export const sandboxInject = defineOperation({
  id: 'sandbox.inject',
  kind: 'command',
  permission: 'cluster.write',
  rest: { method: 'POST', path: '/v1/clusters/{clusterId}/sandbox/faults' },
  summary: 'Break or mend something in a simulated cluster',
  description:
    'Only in the sandbox: nothing of a real cluster can be broken here. What was broken stays so until it is mended, or the sandbox starts again.',
  input: z.object({
    ...clusterId,
    kind: z.enum(sandboxFaultKinds),
    target: z
      .string()
      .max(200)
      .default('')
      .describe(
        'namespace/name of a pod, Service or service account, or the name of a node; not needed for the link and the ingress',
      ),
  }),
  output: sandboxSchema,
  errors,
  examples: [
    {
      name: 'Make the payment service fail half of its requests',
      input: {
        clusterId: 'cls_01kaz5m8x0v6h2c4q7t9w3e5r1',
        kind: 'fail-service',
        target: 'shop/payment',
      },
    },
  ],
});
