import { burnLimit, burnRules, type Objective } from './objective.ts';

export interface ServiceObjective {
  id: string;
  objective: Objective;
  namespace: string;
  service: string;
  /** Whose count is taken, exactly one, so that no request is counted twice. */
  reporter: 'source' | 'destination' | 'waypoint';
  /** Put on each alert. */
  labels?: Record<string, string>;
}

interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
}

/** An object of Prometheus Operator's kind (monitoring.coreos.com/v1). */
export interface PrometheusRule {
  apiVersion: 'monitoring.coreos.com/v1';
  kind: 'PrometheusRule';
  metadata: { name: string; namespace: string };
  spec: { groups: { name: string; rules: Rule[] }[] };
}

/** A service's objective for who lets Prometheus evaluate it: the bad share over each window, and the burn-rate alerts. */
export function prometheusRule(given: ServiceObjective): PrometheusRule {
  const { id, objective, namespace, service } = given;
  const labels = { ambit_objective: id };
  const windows = [...new Set(burnRules.flatMap(({ longMs, shortMs }) => [shortMs, longMs]))].sort(
    (a, b) => a - b,
  );
  const shareOf = (windowMs: number): string =>
    `ambit:objective_bad:ratio_rate${promDuration(windowMs)}`;
  const recorded = windows.map((windowMs): Rule => ({
    record: shareOf(windowMs),
    expr: badShare(given, windowMs),
    labels,
  }));
  const selector = `{ambit_objective=${promString(id)}}`;
  const alerts = burnRules.map((rule): Rule => {
    const { severity, longMs, shortMs } = rule;
    const limit = Number((burnLimit(rule, objective) * (1 - objective.target)).toPrecision(12));
    return {
      alert: 'AmbitObjectiveBurns',
      expr: `${shareOf(longMs)}${selector} > ${limit} and ${shareOf(shortMs)}${selector} > ${limit}`,
      labels: {
        ...given.labels,
        ...labels,
        severity,
        window: promDuration(longMs),
        namespace,
        service,
      },
      annotations: {
        summary: `${service} in ${namespace} burns its ${objective.kind} budget`,
        description: `More than ${Number((limit * 100).toPrecision(4))}% of requests were bad over ${promDuration(longMs)}, and still are. The objective is ${Number((objective.target * 100).toPrecision(6))}% over ${objective.periodDays} days.`,
      },
    };
  });
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: `ambit-objective-${objectName(id)}`, namespace },
    spec: { groups: [{ name: `ambit-objective-${id}`, rules: [...recorded, ...alerts] }] },
  };
}

function badShare(
  { objective, namespace, service, reporter }: ServiceObjective,
  windowMs: number,
): string {
  const window = `[${promDuration(windowMs)}]`;
  const matchers = `reporter="${reporter}",destination_service_namespace=${promString(namespace)},destination_service_name=${promString(service)}`;
  const rate = (name: string, more = ''): string =>
    `sum(rate(${name}{${matchers}${more}}${window}))`;
  if (objective.kind === 'availability') {
    const bad = rate('istio_requests_total', ',response_code=~"5..|0"');
    return `(${bad} or vector(0)) / ${rate('istio_requests_total')}`;
  }
  const bucket = 'istio_request_duration_milliseconds_bucket';
  // Prometheus 3 writes whole bounds as floats, older ones do not.
  const within = rate(bucket, `,le=~"${objective.thresholdMs}(\\\\.0)?"`);
  return `1 - ${within} / ${rate('istio_request_duration_milliseconds_count')}`;
}

/** A text as PromQL writes it. */
const promString = (text: string): string => JSON.stringify(text);

const units: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

function promDuration(ms: number): string {
  const [unit, size] = units.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

const objectName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 200) || 'objective';
