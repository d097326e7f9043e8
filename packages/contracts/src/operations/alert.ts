import { z } from 'zod';
import {
  alertSeverities,
  alertSources,
  alertStates,
  matcherSchema,
  signalConditionSchema,
} from '../alerts.ts';
import { pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

const title = z.string().trim().min(1, 'a name is needed').max(80);
const seconds = (most: number) => z.number().int().min(0).max(most);
const matchers = z.array(matcherSchema).max(20);

export const alertSchema = z
  .object({
    id: idOf('alert'),
    ruleId: idOf('alertRule').nullable().describe('null: its rule was deleted'),
    ruleName: z.string(),
    source: z.enum(alertSources),
    /** Id of what it is about, in its source: the finding. */
    subject: z.string(),
    meshId: idOf('mesh').nullable(),
    state: z.enum(alertStates),
    severity: z.enum(alertSeverities),
    summary: z.string(),
    description: z.string(),
    labels: z.record(z.string(), z.string()),
    /** Address of its page in the console, below the public one. */
    link: z.string(),
    /** The graph of its mesh at its moment, around what it is about; empty for what is of no mesh. */
    graphLink: z.string(),
    /** Since when nobody tells whether it still holds; meanwhile it neither fires nor resolves. */
    unknownSince: timeSchema.nullable(),
    unknownReason: z.string(),
    /** Since when it does not hold any more; it resolves once that lasted for as long as its rule says. Null while it holds, and once resolved. */
    goneSince: timeSchema.nullable(),
    /** How often it has begun anew. */
    episode: z.number().int(),
    startedAt: timeSchema,
    firedAt: timeSchema.nullable(),
    resolvedAt: timeSchema.nullable(),
    acknowledgement: z.object({ by: z.string(), at: timeSchema, note: z.string() }).nullable(),
    silenceId: idOf('silence').nullable(),
  })
  .meta({ id: 'Alert' });

export const alertList = defineOperation({
  id: 'alert.list',
  kind: 'query',
  permission: 'alert.read',
  rest: { method: 'GET', path: '/v1/alerts' },
  summary: 'List alerts, the newest first',
  input: z.object({
    ...pageInput,
    state: z
      .enum([...alertStates, 'active'])
      .default('active')
      .describe('active: all but resolved'),
    severity: z.enum(alertSeverities).optional(),
    meshId: idOf('mesh').optional(),
    ruleId: idOf('alertRule').optional(),
  }),
  output: pageOf(alertSchema),
});

const alertId = { alertId: idOf('alert') };

export const alertGet = defineOperation({
  id: 'alert.get',
  kind: 'query',
  permission: 'alert.read',
  rest: { method: 'GET', path: '/v1/alerts/{alertId}' },
  summary: 'One alert',
  input: z.object(alertId),
  output: alertSchema,
});

export const alertAcknowledge = defineOperation({
  id: 'alert.acknowledge',
  kind: 'command',
  permission: 'alert.write',
  rest: { method: 'POST', path: '/v1/alerts/{alertId}/acknowledge' },
  summary: 'Take an alert on: it is not told again before it resolves',
  input: z.object({ ...alertId, note: z.string().trim().max(500).default('') }),
  output: alertSchema,
  errors: ['the alert is resolved (409)'],
});

export const alertRelease = defineOperation({
  id: 'alert.release',
  kind: 'command',
  permission: 'alert.write',
  rest: { method: 'POST', path: '/v1/alerts/{alertId}/release' },
  summary: 'Give an acknowledged alert back: it is told again',
  input: z.object(alertId),
  output: alertSchema,
});

export const alertRuleSchema = z
  .object({
    id: idOf('alertRule'),
    name: title,
    enabled: z.boolean(),
    source: z.enum(alertSources),
    meshId: idOf('mesh').nullable(),
    matchers: z.array(matcherSchema),
    signal: signalConditionSchema.nullable(),
    /** How looking at its signals went, mesh by mesh; empty for rules of other sources. */
    looks: z.array(
      z.object({
        meshId: idOf('mesh'),
        state: z.enum(['ok', 'partial', 'unknown']),
        message: z.string(),
        holds: z.number().int().describe('of how many it holds'),
        at: timeSchema,
      }),
    ),
    forSeconds: z.number().int(),
    keepFiringSeconds: z.number().int(),
    labels: z.record(z.string(), z.string()),
    alerts: z.number().int().describe('alerts of it that are not resolved'),
    version: z.number().int(),
    createdAt: timeSchema,
  })
  .meta({ id: 'AlertRule' });

const rule = {
  name: title,
  enabled: z.boolean().default(true),
  source: z.enum(alertSources).default('finding'),
  meshId: idOf('mesh').nullable().default(null).describe('one mesh only; all when left out'),
  matchers: matchers
    .default([])
    .describe(
      'all must hold; labels of findings are code, severity, mesh, namespace, kind, name, resource, cluster; of signals and objectives severity, mesh, namespace, kind, name, and signal or objective',
    ),
  signal: signalConditionSchema
    .nullable()
    .default(null)
    .describe(
      'of rules with the source "signal": what is looked at, and from where on it is wrong',
    ),
  forSeconds: seconds(86_400).default(0).describe('how long it must last before the alert fires'),
  keepFiringSeconds: seconds(86_400)
    .default(60)
    .describe('how long it must be gone before the alert resolves'),
  labels: z
    .record(z.string().regex(/^[a-zA-Z_][\w./-]*$/), z.string().max(300))
    .default({})
    .describe('added to the labels of its alerts, such as team'),
};
const ruleId = { alertRuleId: idOf('alertRule') };

export const alertRuleList = defineOperation({
  id: 'alertRule.list',
  kind: 'query',
  permission: 'alert.read',
  rest: { method: 'GET', path: '/v1/alert-rules' },
  summary: 'List alert rules',
  input: z.object({ ...pageInput }),
  output: pageOf(alertRuleSchema),
});

export const alertRuleCreate = defineOperation({
  id: 'alertRule.create',
  kind: 'command',
  permission: 'alert.write',
  rest: { method: 'POST', path: '/v1/alert-rules', status: 201 },
  summary: 'Create an alert rule',
  input: z.object(rule),
  output: alertRuleSchema,
  examples: [
    {
      name: 'Errors of every mesh, after a minute',
      input: {
        name: 'errors',
        matchers: [{ label: 'severity', op: '=', value: 'error' }],
        forSeconds: 60,
      },
    },
    {
      name: 'More than 5 % of a service’s requests fail',
      input: {
        name: 'failing services',
        source: 'signal',
        matchers: [{ label: 'namespace', op: '=', value: 'shop' }],
        signal: { of: 'service', signal: 'errorShare', op: 'above', threshold: 0.05, minRate: 0.1 },
      },
    },
  ],
});

export const alertRuleUpdate = defineOperation({
  id: 'alertRule.update',
  kind: 'command',
  permission: 'alert.write',
  rest: { method: 'PUT', path: '/v1/alert-rules/{alertRuleId}' },
  summary: 'Replace an alert rule, based on the version that was read',
  versioned: true,
  input: z.object({ ...ruleId, version: z.number().int(), ...rule }),
  output: alertRuleSchema,
});

export const alertRuleDelete = defineOperation({
  id: 'alertRule.delete',
  kind: 'command',
  permission: 'alert.write',
  rest: { method: 'DELETE', path: '/v1/alert-rules/{alertRuleId}' },
  summary: 'Delete an alert rule; its alerts resolve',
  input: z.object(ruleId),
  output: alertRuleSchema,
});

export const silenceSchema = z
  .object({
    id: idOf('silence'),
    matchers: z.array(matcherSchema),
    reason: z.string(),
    createdBy: z.string(),
    startsAt: timeSchema,
    endsAt: timeSchema,
    state: z.enum(['waiting', 'active', 'expired']),
    alerts: z.number().int().describe('alerts it silences now'),
  })
  .meta({ id: 'Silence' });

export const silenceList = defineOperation({
  id: 'silence.list',
  kind: 'query',
  permission: 'alert.read',
  rest: { method: 'GET', path: '/v1/silences' },
  summary: 'List silences, the newest first',
  input: z.object({ ...pageInput }),
  output: pageOf(silenceSchema),
});

export const silenceCreate = defineOperation({
  id: 'silence.create',
  kind: 'command',
  permission: 'alert.write',
  rest: { method: 'POST', path: '/v1/silences', status: 201 },
  summary: 'Tell nobody of some alerts for a while',
  input: z.object({
    matchers: matchers.min(1, 'a silence of everything is not made by accident: give a matcher'),
    reason: z.string().trim().min(1, 'say why').max(500),
    startsAt: timeSchema.optional().describe('now when left out'),
    endsAt: timeSchema,
  }),
  output: silenceSchema,
  examples: [
    {
      name: 'A namespace under work',
      input: {
        matchers: [{ label: 'namespace', op: '=', value: 'shop' }],
        reason: 'moving shop to ambient',
        endsAt: '2026-12-24T18:00:00.000Z',
      },
    },
  ],
});

export const silenceExpire = defineOperation({
  id: 'silence.expire',
  kind: 'command',
  permission: 'alert.write',
  rest: { method: 'POST', path: '/v1/silences/{silenceId}/expire' },
  summary: 'End a silence now',
  input: z.object({ silenceId: idOf('silence') }),
  output: silenceSchema,
});

export const changeSchema = z
  .object({
    at: timeSchema,
    kind: z.enum(['policy', 'operation', 'workload', 'enrolment']),
    /** In one line: what was changed. */
    title: z.string(),
    by: z.string(),
    namespace: z.string(),
    link: z.string().describe('its page in the console, below the public address; empty: none'),
  })
  .meta({ id: 'MeshChange' });

export const meshChanges = defineOperation({
  id: 'mesh.changes',
  kind: 'query',
  permission: 'mesh.read',
  rest: { method: 'GET', path: '/v1/meshes/{meshId}/changes' },
  summary: 'What changed in a mesh before a moment: policies, operations, workloads; newest first',
  input: z.object({
    meshId: idOf('mesh'),
    before: timeSchema.optional().describe('now when left out'),
    namespace: z
      .string()
      .max(253)
      .optional()
      .describe('only this one, and what belongs to no namespace'),
    hours: z.coerce.number().int().min(1).max(720).default(24),
    limit: z.coerce.number().int().min(1).max(200).default(20),
  }),
  output: z.object({ items: z.array(changeSchema) }),
});
