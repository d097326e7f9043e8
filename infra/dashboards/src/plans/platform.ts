import { rate, stat, type Plan } from '../panel.ts';

/** Ambit itself: server and worker tell of themselves under /metrics. */
export const platform: Plan = {
  uid: 'ambit-platform',
  title: 'Ambit: platform',
  text: 'The platform’s own server and worker, by their /metrics.',
  variables: [],
  rows: [
    {
      title: 'State',
      panels: [
        stat('Agents connected', 'short', { agents: 'max(ambit_agents_connected)' }),
        stat('Operations under way', 'short', { operations: 'max(ambit_operations_unfinished)' }),
        stat(
          'Outbox waiting',
          'short',
          { entries: 'max(ambit_outbox_waiting)' },
          'Due entries that no queue has yet; more than a few for long means that no worker runs.',
        ),
        stat('Notifications waiting', 'short', {
          notifications: 'max(ambit_alert_deliveries_waiting)',
        }),
        stat('Event streams', 'short', { streams: 'sum(ambit_event_streams)' }),
        stat('Processes', 'short', { processes: 'count(ambit_process_start_time_seconds)' }),
        {
          title: 'Findings',
          unit: 'short',
          width: 12,
          expr: { '{{severity}}': 'max by (severity) (ambit_findings)' },
        },
        {
          title: 'Alerts',
          unit: 'short',
          width: 12,
          expr: { '{{state}}': 'max by (state) (ambit_alerts)' },
        },
      ],
    },
    {
      title: 'Requests',
      panels: [
        {
          title: 'By operation',
          unit: 'reqps',
          expr: {
            '{{operation}}': `topk(10, sum by (operation) (${rate('ambit_http_request_seconds_count')}))`,
          },
        },
        {
          title: 'Failed (5xx)',
          unit: 'reqps',
          expr: {
            '{{operation}}': `sum by (operation) (${rate('ambit_http_request_seconds_count', 'status=~"5.."')}) > 0`,
          },
        },
        {
          title: 'p95 by operation',
          text: 'Long polls of agents last as long as they are to.',
          unit: 's',
          expr: {
            '{{operation}}': `topk(10, histogram_quantile(0.95, sum by (le, operation) (${rate('ambit_http_request_seconds_bucket', 'operation!="agent"')})))`,
          },
        },
      ],
    },
    {
      title: 'Jobs and processes',
      panels: [
        {
          title: 'Jobs by outcome',
          unit: 'short',
          expr: {
            '{{job}} {{outcome}}': `sum by (job, outcome) (${rate('ambit_job_seconds_count')})`,
          },
        },
        {
          title: 'p95 of jobs',
          unit: 's',
          expr: {
            '{{job}}': `histogram_quantile(0.95, sum by (le, job) (${rate('ambit_job_seconds_bucket')}))`,
          },
        },
        {
          title: 'Memory',
          unit: 'bytes',
          expr: { '{{instance}}': 'ambit_process_resident_memory_bytes' },
        },
        {
          title: 'CPU',
          unit: 'cores',
          width: 12,
          expr: { '{{instance}}': rate('ambit_process_cpu_seconds_total') },
        },
        {
          title: 'Event loop, p99 of its lag',
          unit: 's',
          width: 12,
          expr: { '{{instance}}': 'ambit_nodejs_eventloop_lag_p99_seconds' },
        },
      ],
    },
  ],
};
