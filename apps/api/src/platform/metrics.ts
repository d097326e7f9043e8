import { agentLimits } from '@ambit/contracts/agent/protocol';
import type { Database } from '@ambit/db/database';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  /** Seconds of each HTTP request by operation id (or door), method and status. */
  httpSeconds: Histogram<'operation' | 'method' | 'status'>;
  jobSeconds: Histogram<'job' | 'outcome'>;
  eventStreams: Gauge;
  eventStreamsClosed: Counter<'reason'>;
}

/** The process' metrics, and gauges of the whole platform that are counted when Prometheus asks. */
export function makeMetrics(db: Database): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'ambit_' });
  const registers = [registry];
  const counted = (name: string, help: string, sql: string) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const rows = await db.pool.query<{ n: string }>(sql).catch(() => null);
        const n = rows?.rows[0]?.n;
        if (n === undefined) this.reset();
        else this.set(Number(n));
      },
    });
  counted(
    'ambit_agents_connected',
    'Agents heard of within the time after which a cluster counts as stale',
    `SELECT count(*) AS n FROM cluster WHERE revoked_at IS NULL
       AND last_seen_at > now() - interval '${agentLimits.staleAfterMs} milliseconds'`,
  );
  counted(
    'ambit_operations_unfinished',
    'Lifecycle operations under way',
    'SELECT count(*) AS n FROM operation WHERE finished_at IS NULL',
  );
  counted(
    'ambit_outbox_waiting',
    'Outbox entries that are due and not handed to the queue yet',
    'SELECT count(*) AS n FROM outbox_entry WHERE relayed_at IS NULL AND not_before <= now()',
  );
  counted(
    'ambit_alert_deliveries_waiting',
    'Notifications of alerts that have not arrived yet',
    "SELECT count(*) AS n FROM alert_delivery WHERE state = 'pending'",
  );
  const countedBy = (name: string, help: string, label: string, sql: string) =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      async collect() {
        const found = await db.pool.query<{ label: string; n: string }>(sql).catch(() => null);
        this.reset();
        for (const row of found?.rows ?? []) this.set({ [label]: row.label }, Number(row.n));
      },
    });
  countedBy(
    'ambit_findings',
    'Findings that stand and are not suppressed, of all meshes',
    'severity',
    `SELECT label, count(finding.id) AS n FROM unnest('{error,warning,info}'::text[]) AS label
     LEFT JOIN finding ON severity = label AND resolved_at IS NULL AND suppressed IS NULL GROUP BY label`,
  );
  countedBy(
    'ambit_alerts',
    'Alerts that are not resolved, of all organisations',
    'state',
    `SELECT label, count(alert.id) AS n
     FROM unnest('{pending,firing,acknowledged,silenced}'::text[]) AS label
     LEFT JOIN alert ON state = label GROUP BY label`,
  );
  return {
    registry,
    httpSeconds: new Histogram({
      name: 'ambit_http_request_seconds',
      help: 'Duration of HTTP requests',
      labelNames: ['operation', 'method', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    jobSeconds: new Histogram({
      name: 'ambit_job_seconds',
      help: 'Duration of jobs',
      labelNames: ['job', 'outcome'],
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120],
      registers,
    }),
    eventStreams: new Gauge({
      name: 'ambit_event_streams',
      help: 'Open event streams',
      registers,
    }),
    eventStreamsClosed: new Counter({
      name: 'ambit_event_streams_closed_total',
      help: 'Event streams that were closed by the server',
      labelNames: ['reason'],
      registers,
    }),
  };
}
