import { randomUUID } from 'node:crypto';
import { agentLimits } from '@ambit/contracts/agent/protocol';
import type { JobName } from '@ambit/contracts/jobs';
import type { Database } from '@ambit/db/database';
import { lookEveryMs } from '@ambit/services/objective/look';
import type { JobEntry } from './queue.ts';

const most = 500;
/** A mesh is looked at this often even when nobody reported anything. */
const observeEveryS = 60;
/** What expires by time alone is noticed this soon. */
const diagnoseEveryS = 600;
/** Rates of a minute are rolled up this long after it began at the latest. */
const rollEveryS = 150;
/** Younger ones are on their way through the outbox. */
const deliverAfterS = 2;

interface Due {
  organisation_id: string;
  id: string;
}

/** Ids of this process only: what a killed process left in the queue must not hide what is due now. */
const boot = randomUUID().slice(0, 8);

/**
 * Everything that is due by what stands in Postgres, whether the queue knows of it or not: operations whose time has
 * come, policies that were not handed over, statuses that were not taken back, meshes not looked at for a while or whose agent has fallen silent.
 */
export async function findDue(pool: Database['pool'], now: Date): Promise<JobEntry[]> {
  const operations = await pool.query<Due>(
    `SELECT id, organisation_id FROM operation WHERE finished_at IS NULL AND next_look_at <= $1
     ORDER BY next_look_at LIMIT ${most}`,
    [now],
  );
  const undelivered = await pool.query<Due>(
    `SELECT DISTINCT mesh.id, mesh.organisation_id FROM policy JOIN mesh ON mesh.id = policy.mesh_id
     WHERE policy.delivered_version <> policy.version AND mesh.active_release IS NOT NULL
       AND policy.updated_at < $1::timestamptz - interval '${deliverAfterS} seconds'
       AND NOT EXISTS (SELECT FROM operation WHERE operation.target_id = mesh.id
                       AND operation.type = 'mesh.delete' AND operation.finished_at IS NULL)
     LIMIT ${most}`,
    [now],
  );
  const unreflected = await pool.query<Due>(
    `SELECT mesh.id, mesh.organisation_id FROM mesh
     WHERE EXISTS (SELECT FROM mesh_cluster JOIN cluster_object AS told ON told.cluster_id = mesh_cluster.cluster_id
                   WHERE mesh_cluster.mesh_id = mesh.id AND told.origin = 'mesh'
                     AND told.updated_at > mesh.reflected_at
                     AND told.updated_at < $1::timestamptz - interval '${deliverAfterS} seconds')
     LIMIT ${most}`,
    [now],
  );
  const unobserved = await pool.query<Due>(
    `SELECT mesh.id, mesh.organisation_id FROM mesh
     WHERE mesh.observed_at < $1::timestamptz - interval '${observeEveryS} seconds'
        OR EXISTS (SELECT FROM mesh_cluster JOIN cluster ON cluster.id = mesh_cluster.cluster_id
                   WHERE mesh_cluster.mesh_id = mesh.id
                     AND cluster.last_seen_at + interval '${agentLimits.staleAfterMs} milliseconds'
                         BETWEEN mesh.observed_at AND $1::timestamptz)
     LIMIT ${most}`,
    [now],
  );
  const undiagnosed = await pool.query<Due>(
    `SELECT mesh.id, mesh.organisation_id FROM mesh LEFT JOIN mesh_diagnosis AS last ON last.mesh_id = mesh.id
     WHERE last.ran_at IS NULL OR last.requested_at > last.ran_at
        OR last.ran_at < $1::timestamptz - interval '${diagnoseEveryS} seconds'
        OR (last.ran_at + make_interval(secs => 1 + last.duration_ms * 0.004) < $1::timestamptz
            AND last.seen <> mesh.revision || ':' || coalesce(
              (SELECT string_agg(cluster.id || '=' || cluster.objects_seq, ',' ORDER BY cluster.id COLLATE "C")
               FROM mesh_cluster JOIN cluster ON cluster.id = mesh_cluster.cluster_id
               WHERE mesh_cluster.mesh_id = mesh.id), ''))
     LIMIT ${most}`,
    [now],
  );
  const unseen = await pool.query<Due>(
    `SELECT mesh.id, mesh.organisation_id FROM mesh LEFT JOIN mesh_signal AS last ON last.mesh_id = mesh.id
     WHERE (last.looked_at IS NULL OR last.looked_at <= $1::timestamptz - interval '${lookEveryMs} milliseconds')
       AND (EXISTS (SELECT FROM objective WHERE objective.mesh_id = mesh.id)
            OR EXISTS (SELECT FROM alert_rule AS rule WHERE rule.source = 'signal' AND rule.enabled
                       AND rule.organisation_id = mesh.organisation_id
                       AND (rule.mesh_id IS NULL OR rule.mesh_id = mesh.id)))
     ORDER BY last.looked_at NULLS FIRST LIMIT ${most}`,
    [now],
  );
  const alerts = await pool.query<Due>(
    `SELECT organisation_id AS id, organisation_id FROM alert_clock WHERE next_look_at <= $1
     ORDER BY next_look_at LIMIT ${most}`,
    [now],
  );
  const deliveries = await pool.query<Due>(
    `SELECT id, organisation_id FROM alert_delivery
     WHERE state = 'pending' AND next_attempt_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
     ORDER BY next_attempt_at LIMIT ${most}`,
    [now],
  );
  const unrolled = await pool.query<Due>(
    `SELECT cluster_id AS id, organisation_id FROM telemetry_source
     WHERE at > 'epoch' AND at > rolled_1m + interval '${rollEveryS} seconds'
       AND at > $1::timestamptz - interval '7 hours'
       AND $1::timestamptz > rolled_1m + interval '${rollEveryS} seconds'
     ORDER BY rolled_1m LIMIT ${most}`,
    [now],
  );
  return [
    ...entriesOf('operation.advance', 'operationId', operations.rows),
    ...entriesOf('policies.deliver', 'meshId', undelivered.rows),
    ...entriesOf('policies.reflect', 'meshId', unreflected.rows),
    ...entriesOf('mesh.observe', 'meshId', unobserved.rows),
    ...entriesOf('mesh.diagnose', 'meshId', undiagnosed.rows),
    ...entriesOf('mesh.signals', 'meshId', unseen.rows),
    ...entriesOf('alerts.evaluate', 'organisationId', alerts.rows),
    ...entriesOf('alerts.deliver', 'deliveryId', deliveries.rows),
    ...entriesOf('telemetry.rollUp', 'clusterId', unrolled.rows),
  ];
}

function entriesOf(
  job: JobName,
  key: 'operationId' | 'meshId' | 'organisationId' | 'deliveryId' | 'clusterId',
  rows: Due[],
): JobEntry[] {
  return rows.map((row) => ({
    job,
    id: `sweep-${boot}-${row.id}`,
    data: { organisationId: row.organisation_id, [key]: row.id },
    once: true,
  }));
}
