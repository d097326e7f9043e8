import { z } from 'zod';
import { deliveryStates, matcherSchema, routeKinds } from '../alerts.ts';
import { pageInput, pageOf, timeSchema } from '../common.ts';
import { idOf } from '../ids.ts';
import { defineOperation } from '../operation.ts';

const http = z
  .url({ protocol: /^https?$/, error: 'expected an address such as https://example.com/hook' })
  .max(2_000);
const email = z.email().max(254);

/** Where a route leads. Secrets are taken, sealed, and never shown again. */
export const routeTargetSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('webhook'),
    url: http,
    secret: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'expected whsec_ and at least 24 bytes in base64')
      .optional()
      .describe('key of the signature (Standard Webhooks); one is made when left out'),
  }),
  z.object({
    kind: z.literal('slack'),
    webhookUrl: http.describe('the incoming webhook; it is a secret by itself'),
  }),
  z.object({
    kind: z.literal('email'),
    host: z.string().min(1).max(253),
    port: z.number().int().min(1).max(65_535).default(587),
    tls: z
      .enum(['starttls', 'implicit', 'none'])
      .default('starttls')
      .describe('starttls is demanded, not tried; none only without a password'),
    username: z.string().max(254).default(''),
    password: z.string().max(1_000).optional(),
    from: email,
    to: z.array(email).min(1).max(50),
  }),
  z.object({
    kind: z.literal('pagerduty'),
    url: http.default('https://events.pagerduty.com/v2/enqueue'),
    routingKey: z.string().min(8).max(200),
  }),
]);
export type RouteTarget = z.output<typeof routeTargetSchema>;

const route = {
  name: z.string().trim().min(1, 'a name is needed').max(80),
  enabled: z.boolean().default(true),
  matchers: z.array(matcherSchema).max(20).default([]).describe('all alerts when left out'),
  groupBy: z
    .array(z.string().min(1).max(100))
    .max(10)
    .default(['alertname', 'mesh'])
    .describe('alerts with the same values of these labels are told together'),
  groupWaitSeconds: z
    .number()
    .int()
    .min(0)
    .max(3_600)
    .default(30)
    .describe('how long the first alert of a group waits for others'),
  groupIntervalSeconds: z
    .number()
    .int()
    .min(10)
    .max(86_400)
    .default(300)
    .describe('pause between two notifications of one group'),
  repeatIntervalSeconds: z
    .number()
    .int()
    .min(0)
    .max(604_800)
    .default(14_400)
    .describe('when alerts that still fire are told again; 0 is never'),
  sendResolved: z.boolean().default(true),
  maxPerHour: z.number().int().min(1).max(1_000).default(60),
};

export const alertRouteSchema = z
  .object({
    id: idOf('alertRoute'),
    name: z.string(),
    kind: z.enum(routeKinds),
    enabled: z.boolean(),
    matchers: z.array(matcherSchema),
    groupBy: z.array(z.string()),
    groupWaitSeconds: z.number().int(),
    groupIntervalSeconds: z.number().int(),
    repeatIntervalSeconds: z.number().int(),
    sendResolved: z.boolean(),
    maxPerHour: z.number().int(),
    /** The target without its secrets; `address` is fit to be read by people. */
    target: z.object({
      address: z.string(),
      host: z.string().optional(),
      port: z.number().int().optional(),
      tls: z.string().optional(),
      username: z.string().optional(),
      from: z.string().optional(),
      to: z.array(z.string()).optional(),
      url: z.string().optional(),
    }),
    health: z.object({
      state: z.enum(['unknown', 'ok', 'failing']),
      message: z.string(),
      lastDeliveredAt: timeSchema.nullable(),
      waiting: z.number().int().describe('deliveries that are still to arrive'),
    }),
    version: z.number().int(),
    createdAt: timeSchema,
  })
  .meta({ id: 'AlertRoute' });

const routeId = { alertRouteId: idOf('alertRoute') };

export const alertRouteList = defineOperation({
  id: 'alertRoute.list',
  kind: 'query',
  permission: 'alertRoute.read',
  rest: { method: 'GET', path: '/v1/alert-routes' },
  summary: 'List alert routes, with how their deliveries go',
  input: z.object({ ...pageInput }),
  output: pageOf(alertRouteSchema),
});

export const alertRouteCreate = defineOperation({
  id: 'alertRoute.create',
  kind: 'command',
  permission: 'alertRoute.write',
  rest: { method: 'POST', path: '/v1/alert-routes', status: 201 },
  summary: 'Create an alert route: webhook, Slack-compatible, email or PagerDuty-compatible',
  description:
    'Addresses of this machine, of private networks and of cloud metadata are refused, unless the operator of the platform allows them in AMBIT_ALERT_ALLOW. A webhook is signed as Standard Webhooks says: headers webhook-id, webhook-timestamp and webhook-signature.',
  input: z.object({ ...route, target: routeTargetSchema }),
  output: z.object({
    alertRoute: alertRouteSchema,
    secret: z.string().nullable().describe('key of a webhook’s signature, shown once'),
  }),
  errors: ['an address that may not be called (422)'],
  examples: [
    {
      name: 'A webhook for errors',
      input: {
        name: 'on-call',
        matchers: [{ label: 'severity', op: '=', value: 'error' }],
        target: { kind: 'webhook', url: 'https://hooks.example.com/ambit' },
      },
    },
  ],
});

export const alertRouteUpdate = defineOperation({
  id: 'alertRoute.update',
  kind: 'command',
  permission: 'alertRoute.write',
  rest: { method: 'PUT', path: '/v1/alert-routes/{alertRouteId}' },
  summary: 'Replace an alert route; its target and secrets stay when left out',
  versioned: true,
  input: z.object({
    ...routeId,
    version: z.number().int(),
    ...route,
    target: routeTargetSchema.optional(),
  }),
  output: alertRouteSchema,
});

export const alertRouteDelete = defineOperation({
  id: 'alertRoute.delete',
  kind: 'command',
  permission: 'alertRoute.write',
  rest: { method: 'DELETE', path: '/v1/alert-routes/{alertRouteId}' },
  summary: 'Delete an alert route, its deliveries and its log',
  input: z.object(routeId),
  output: alertRouteSchema,
});

export const alertDeliverySchema = z
  .object({
    id: idOf('alertDelivery'),
    alertRouteId: idOf('alertRoute'),
    routeName: z.string(),
    test: z.boolean(),
    state: z.enum(deliveryStates),
    /** In one line: what is told. */
    title: z.string(),
    firing: z.number().int(),
    resolved: z.number().int(),
    nextAttemptAt: timeSchema.nullable(),
    createdAt: timeSchema,
    deliveredAt: timeSchema.nullable(),
    attempts: z.array(
      z.object({
        number: z.number().int(),
        at: timeSchema,
        durationMs: z.number().int(),
        outcome: z.enum(['delivered', 'refused', 'failed', 'interrupted']),
        status: z.number().int().nullable().describe('HTTP or SMTP status'),
        answer: z.string().describe('the beginning of the answer, or what went wrong'),
      }),
    ),
  })
  .meta({ id: 'AlertDelivery' });

export const alertRouteTest = defineOperation({
  id: 'alertRoute.test',
  kind: 'command',
  permission: 'alertRoute.write',
  rest: { method: 'POST', path: '/v1/alert-routes/{alertRouteId}/test', status: 202 },
  summary: 'Send a test notification; the delivery log tells what came of it',
  input: z.object(routeId),
  output: alertDeliverySchema,
});

export const alertDeliveryList = defineOperation({
  id: 'alertDelivery.list',
  kind: 'query',
  permission: 'alertRoute.read',
  rest: { method: 'GET', path: '/v1/alert-deliveries' },
  summary: 'The delivery log, the newest first: attempts, statuses, answers',
  input: z.object({
    ...pageInput,
    alertRouteId: idOf('alertRoute').optional(),
    state: z.enum(deliveryStates).optional(),
  }),
  output: pageOf(alertDeliverySchema),
});

export const alertDeliveryRetry = defineOperation({
  id: 'alertDelivery.retry',
  kind: 'command',
  permission: 'alertRoute.write',
  rest: { method: 'POST', path: '/v1/alert-deliveries/{alertDeliveryId}/retry', status: 202 },
  summary: 'Try a delivery again now',
  input: z.object({ alertDeliveryId: idOf('alertDelivery') }),
  output: alertDeliverySchema,
  errors: ['it is delivered already (409)'],
});
