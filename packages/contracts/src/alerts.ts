import { z } from 'zod';

/** Where what alerts are raised for comes from; a new source adds its word here and its reader in services. */
export const alertSources = ['finding', 'signal', 'objective'] as const;
export type AlertSource = (typeof alertSources)[number];

/**
 * What a rule on signals looks at. `rateDrop`: share by which the rate is below its average of the last hour;
 * `overloadShare`: requests that were turned away (circuit breaker, rate limit).
 */
export const alertSignals = [
  'errorShare',
  'p95Ms',
  'rate',
  'rateDrop',
  'mutualTlsShare',
  'overloadShare',
] as const;
export type AlertSignal = (typeof alertSignals)[number];

export const signalConditionSchema = z
  .object({
    of: z.enum(['service', 'workload', 'namespace']).default('service'),
    signal: z.enum(alertSignals),
    op: z.enum(['above', 'below']).default('above'),
    threshold: z
      .number()
      .min(0)
      .max(1e9)
      .describe('shares from 0 to 1, times in ms, rates each second'),
    minRate: z
      .number()
      .min(0)
      .max(1e9)
      .default(0)
      .describe('requests each second below which nothing is said of shares and times'),
    severity: z.enum(['error', 'warning', 'info']).default('error'),
  })
  .meta({ id: 'SignalCondition' });
export type SignalCondition = z.output<typeof signalConditionSchema>;

export const alertStates = ['pending', 'firing', 'acknowledged', 'silenced', 'resolved'] as const;
export type AlertState = (typeof alertStates)[number];

/** Allowed changes of an alert's state; the console reads the same table. A pending one that ends is forgotten. */
export const alertTransitions: Record<AlertState, readonly AlertState[]> = {
  pending: ['firing', 'acknowledged', 'silenced', 'resolved'],
  firing: ['acknowledged', 'silenced', 'resolved'],
  acknowledged: ['firing', 'silenced', 'resolved'],
  silenced: ['firing', 'acknowledged', 'resolved'],
  resolved: ['pending', 'firing', 'silenced'],
};

export const alertSeverities = ['error', 'warning', 'info'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

/** `~` compares with a pattern in which `*` stands for any text. */
export const matcherOps = ['=', '!=', '~', '!~'] as const;

export const matcherSchema = z
  .object({
    label: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[a-zA-Z_][\w./-]*$/, 'a label name such as severity or namespace'),
    op: z.enum(matcherOps).default('='),
    value: z.string().max(300),
  })
  .meta({ id: 'Matcher' });
export type Matcher = z.output<typeof matcherSchema>;

/**
 * True when every matcher holds; a label that is not there counts as empty. Patterns take linear time, whoever wrote them.
 */
export function matchesAll(
  matchers: readonly Matcher[],
  labels: Readonly<Record<string, string>>,
): boolean {
  return matchers.every(({ label, op, value }) => {
    const found = labels[label] ?? '';
    const equal = op === '=' || op === '!=' ? found === value : matchesPattern(value, found);
    return op.startsWith('!') ? !equal : equal;
  });
}

function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

export const routeKinds = ['webhook', 'slack', 'email', 'pagerduty'] as const;
export type RouteKind = (typeof routeKinds)[number];

export const deliveryStates = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];
