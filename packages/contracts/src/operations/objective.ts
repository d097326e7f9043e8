import { z } from 'zod';
import { pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

export const objectiveKinds = ['availability', 'latency'] as const;
export type ObjectiveKind = (typeof objectiveKinds)[number];
export const objectiveSubjects = ['service', 'workload'] as const;
export const burnSeverities = ['page', 'ticket'] as const;

const kubeName = z.string().min(1).max(253);
/** Bounds of Istio's histogram (`istio_request_duration_milliseconds`): only they can be counted exactly. */
export const latencyThresholdsMs = [
  1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000,
] as const;

const promise = {
  subject: z
    .object({ kind: z.enum(objectiveSubjects), namespace: kubeName, name: kubeName })
    .describe('requests to it are counted, in all clusters of the mesh'),
  kind: z.enum(objectiveKinds),
  thresholdMs: z
    .number()
    .refine((ms) => (latencyThresholdsMs as readonly number[]).includes(ms), {
      error: `expected a bound of the histogram: ${latencyThresholdsMs.join(', ')}`,
    })
    .nullable()
    .default(null)
    .describe('latency: good is what is answered within this'),
  target: z
    .number()
    .min(0.5)
    .max(0.99999)
    .describe('share of requests that are to be good: 0.999 is 99.9 %'),
  periodDays: z.number().int().min(1).max(90).default(30).describe('the window that slides'),
};

const settings = {
  name: z.string().trim().min(1, 'a name is needed').max(80),
  description: z.string().trim().max(500).default(''),
  alerting: z.boolean().default(true).describe('false: it is told of on its page only'),
  ...promise,
};

const share = z.number().nullable();

export const burnSchema = z.object({
  severity: z.enum(burnSeverities),
  longMs: z.number(),
  shortMs: z.number(),
  limit: z.number().describe('how many times faster than evenly the budget may burn'),
  long: share.describe('burn rate over the long window; null: nothing was asked, or nobody told'),
  short: share,
  isBurning: z.boolean(),
});

export const objectiveStates = ['met', 'burning', 'exhausted', 'idle', 'unknown'] as const;
export type ObjectiveState = (typeof objectiveStates)[number];

/** Where an objective stands. What nobody told of is a gap: neither good nor bad, and said. */
export const objectiveStatusSchema = z
  .object({
    state: z
      .enum(objectiveStates)
      .describe('unknown: nobody tells now; idle: told, and no requests in the window'),
    message: z.string(),
    total: z.number(),
    bad: z.number(),
    reached: share.describe('share of good requests over the window'),
    budgetLeft: share.describe('1 to below 0'),
    coverage: z.number().describe('share of the window that somebody told of, 0 to 1'),
    severity: z.enum(burnSeverities).nullable().describe('the worst that burns now'),
    burns: z.array(burnSchema),
    toldAt: timeSchema.nullable().describe('when somebody told of it last'),
    evaluatedAt: timeSchema.nullable(),
    clusters: z.array(z.string()).default([]).describe('where its subject was seen last'),
  })
  .meta({ id: 'ObjectiveStatus' });

export const objectiveSchema = z
  .object({
    id: idOf('objective'),
    meshId: idOf('mesh'),
    name: z.string(),
    description: z.string(),
    alerting: z.boolean(),
    subject: z.object({
      kind: z.enum(objectiveSubjects),
      namespace: z.string(),
      name: z.string(),
    }),
    kind: z.enum(objectiveKinds),
    thresholdMs: z.number().nullable(),
    target: z.number(),
    periodDays: z.number().int(),
    status: objectiveStatusSchema,
    version: z.number().int(),
    createdAt: timeSchema,
  })
  .meta({ id: 'Objective' });
export type Objective = z.output<typeof objectiveSchema>;

const meshId = { meshId: idOf('mesh') };
const objectiveId = { objectiveId: idOf('objective') };
const thresholdError = 'latency without a threshold, or a threshold without latency (422)';

export const objectiveList = defineOperation({
  id: 'objective.list',
  kind: 'query',
  permission: 'alert.read',
  rest: { method: 'GET', path: '/v1/objectives' },
  summary: 'List service objectives, with where each stands',
  input: z.object({
    ...pageInput,
    meshId: idOf('mesh').optional(),
    namespace: kubeName.optional(),
    subject: kubeName.optional().describe('name of the service or workload'),
  }),
  output: pageOf(objectiveSchema),
});

export const objectiveGet = defineOperation({
  id: 'objective.get',
  kind: 'query',
  permission: 'alert.read',
  rest: { method: 'GET', path: '/v1/objectives/{objectiveId}' },
  summary: 'Get a service objective',
  input: z.object(objectiveId),
  output: objectiveSchema,
});

export const objectiveCreate = defineOperation({
  id: 'objective.create',
  kind: 'command',
  permission: 'alert.write',
  rest: { method: 'POST', path: '/v1/objectives', status: 201 },
  summary: 'Promise an availability or a latency of a service',
  description:
    'Counted from the traffic that the sources of the mesh tell, from now on. Burns too fast a budget, an alert of the source "objective" is raised, by the windows of Google’s SRE workbook (page: 1 h and 5 min, 6 h and 30 min; ticket: 1 d and 2 h, 3 d and 6 h). Is there no alert rule for objectives yet, the rule "objectives" is made.',
  input: z.object({ ...meshId, ...settings }),
  output: objectiveSchema,
  errors: [thresholdError, 'the mesh has an objective of this name (409)'],
  examples: [
    {
      name: '99.9 % of a service’s requests over 30 days',
      input: {
        meshId: 'msh_01kaz5m8x0v6h2c4q7t9w3e5r1',
        name: 'cart is there',
        subject: { kind: 'service', namespace: 'shop', name: 'cart' },
        kind: 'availability',
        target: 0.999,
      },
    },
  ],
});

export const objectiveUpdate = defineOperation({
  id: 'objective.update',
  kind: 'command',
  permission: 'alert.write',
  rest: { method: 'PUT', path: '/v1/objectives/{objectiveId}' },
  summary: 'Replace an objective; with another subject, kind or threshold its count begins anew',
  versioned: true,
  input: z.object({ ...objectiveId, version: z.number().int(), ...settings }),
  output: objectiveSchema,
  errors: [thresholdError],
});

export const objectiveDelete = defineOperation({
  id: 'objective.delete',
  kind: 'command',
  permission: 'alert.write',
  rest: { method: 'DELETE', path: '/v1/objectives/{objectiveId}' },
  summary: 'Delete an objective with its counts; its alerts resolve',
  input: z.object(objectiveId),
  output: objectiveSchema,
});

const pointSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  good: z.number(),
  total: z.number(),
  coverage: z.number().describe('share of this time that somebody told of'),
});

export const objectiveStatus = defineOperation({
  id: 'objective.status',
  kind: 'query',
  permission: 'alert.read',
  rest: { method: 'GET', path: '/v1/objectives/{objectiveId}/status' },
  summary: 'Where an objective stands, and how it came to that: good and bad over its window',
  input: z.object(objectiveId),
  output: z.object({
    objective: objectiveSchema,
    history: z.array(pointSchema).describe('stretches of the window; a gap has coverage 0'),
  }),
});

export const objectivePreview = defineOperation({
  id: 'objective.preview',
  kind: 'query',
  permission: 'alert.read',
  rest: { method: 'POST', path: '/v1/objectives/preview' },
  summary: 'What an objective would say about the last days, as far back as sources remember',
  input: z.object({
    ...meshId,
    ...promise,
    days: z.number().int().min(1).max(30).default(3).describe('how far to look back'),
  }),
  output: z.object({
    status: objectiveStatusSchema,
    history: z.array(pointSchema),
  }),
  errors: [thresholdError],
});

export const objectiveRules = defineOperation({
  id: 'objective.rules',
  kind: 'query',
  permission: 'alert.read',
  rest: { method: 'GET', path: '/v1/objectives/{objectiveId}/rules' },
  summary: 'The objective as a PrometheusRule, for who lets a Prometheus of theirs evaluate it',
  input: z.object({
    ...objectiveId,
    reporter: z
      .enum(['source', 'destination', 'waypoint'])
      .default('destination')
      .describe('whose count is taken; exactly one, so that no request counts twice'),
  }),
  output: z.object({ yaml: z.string() }),
  errors: ['an objective of a workload: rules are made for services (422)'],
});
