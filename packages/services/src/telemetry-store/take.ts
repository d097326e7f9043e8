import { createHash } from 'node:crypto';
import type { ProxyFault } from '@ambit/analysis/observed';
import {
  telemetryLimits,
  type ReportedProxy,
  type TelemetryReply,
  type TelemetryReport,
} from '@ambit/contracts/agent/telemetry';
import { canonicalJson } from '@ambit/contracts/canonical';
import { inTenant, type Tx } from '@ambit/db/database';
import type { Agent } from '../agent-link/credential.ts';
import { faultsAmong } from '../diagnosis/proxy-faults.ts';
import { diagnoseSoon } from '../diagnosis/run.ts';
import type { Platform } from '../kernel/context.ts';
import type { Reading } from './block.ts';
import { labelsOf, readingsOf } from './columns.ts';
import { proxiesOldAfterMs } from './read.ts';
import { resolutions } from './resolutions.ts';
import { writeInterval } from './write.ts';

interface Source {
  boot_id: string;
  started_at: bigint;
  seq: number;
  at: Date;
  next_number: number;
  faults: ProxyFault[];
  proxies_at: Date;
}

/** How long an edge that did not move is known at least, beyond what is kept of its rates. */
const seenEveryMs = 600_000;

/**
 * Takes what an agent tells of one interval; a report that was taken before is only answered again. When the platform
 * does not know what the report builds on (another life, a database of before), the agent begins anew.
 * @throws AmbitError invalid_input
 */
export async function takeTelemetry(
  platform: Platform,
  agent: Agent,
  report: TelemetryReport,
): Promise<TelemetryReply> {
  const { known, fresh } = readingsOf(report);
  const labels = labelsOf(report);
  const now = platform.now();
  return inTenant(platform.db, agent.organisationId, async (tx) => {
    const source = await lockSource(tx, agent);
    const isSameLife = source.boot_id === report.bootId;
    const isOlderLife = !isSameLife && Number(source.started_at) > report.startedAt;
    if (isOlderLife) return { accepted: false, numbers: [] };
    if (isSameLife && report.seq === source.seq) {
      return { accepted: true, numbers: await numbersOf(tx, agent, labels) };
    }
    const expected = isSameLife ? source.seq + 1 : 0;
    const builds = report.seq === expected && (isSameLife || known.length === 0);
    const unknown = known.some(({ number }) => number < 1 || number >= source.next_number);
    if (!builds || unknown) return { accepted: false, numbers: [] };
    const numbers = await numberLabels(tx, agent, source, labels, now);
    fresh.forEach((reading, index) => (reading.number = numbers[index]!));
    const at = new Date(Math.min(report.at, now.getTime()));
    const isTold =
      report.scrapes && now.getTime() - at.getTime() <= telemetryLimits.oldestMs && at > source.at;
    if (isTold) {
      const readings = [...known, ...fresh.filter((reading) => reading.number > 0)];
      const windowMs = Math.round(report.windowS * 1000);
      await writeInterval(tx, agent, resolutions[0]!, { at, windowMs, readings });
      await noteSeen(tx, agent, source.at, at, readings);
    }
    await tx.$executeRaw`
      UPDATE telemetry_source SET boot_id = ${report.bootId}, started_at = ${BigInt(report.startedAt)},
        seq = ${report.seq}, at = CASE WHEN ${isTold} THEN ${at} ELSE at END,
        dropped = ${JSON.stringify(report.dropped)}::jsonb
      WHERE cluster_id = ${agent.clusterId}`;
    const proxies =
      report.proxies ?? (report.changed && (await changedProxies(tx, agent, report.changed)));
    if (proxies) await takeProxies(tx, agent, source, proxies, now);
    return { accepted: true, numbers };
  });
}

type Changed = NonNullable<TelemetryReport['changed']>;

/** The proxies that were told, with what changed of them. */
async function changedProxies(
  tx: Tx,
  { clusterId }: Agent,
  { put, gone }: Changed,
): Promise<ReportedProxy[]> {
  const [row] = await tx.$queryRaw<{ proxies: ReportedProxy[] }[]>`
    SELECT proxies FROM telemetry_source WHERE cluster_id = ${clusterId}`;
  const keyOf = ({ namespace, pod }: ReportedProxy) => `${namespace}/${pod}`;
  const all = new Map((row?.proxies ?? []).map((proxy) => [keyOf(proxy), proxy]));
  for (const key of gone) all.delete(key);
  for (const proxy of put) all.set(keyOf(proxy), proxy);
  return [...all.values()].slice(0, telemetryLimits.proxiesPerCluster);
}

/** Keeps the proxies, and has the mesh diagnosed when something else speaks against them now. */
async function takeProxies(
  tx: Tx,
  { clusterId, organisationId }: Agent,
  source: Source,
  proxies: ReportedProxy[],
  now: Date,
): Promise<void> {
  const isRecent = now.getTime() - source.proxies_at.getTime() <= proxiesOldAfterMs;
  const before = canonicalJson(isRecent ? source.faults : []);
  const faults = faultsAmong(clusterId, proxies);
  await tx.$executeRaw`
    UPDATE telemetry_source SET proxies = ${JSON.stringify(proxies)}::jsonb, proxies_at = ${now},
      faults = ${JSON.stringify(faults)}::jsonb
    WHERE cluster_id = ${clusterId}`;
  if (before === canonicalJson(faults)) return;
  const member = await tx.meshCluster.findUnique({ where: { clusterId } });
  if (member) await diagnoseSoon(tx, organisationId, member.meshId, now);
}

async function lockSource(tx: Tx, { clusterId, organisationId }: Agent): Promise<Source> {
  await tx.$executeRaw`
    INSERT INTO telemetry_source (cluster_id, organisation_id) VALUES (${clusterId}, ${organisationId})
    ON CONFLICT DO NOTHING`;
  const [row] = await tx.$queryRaw<Source[]>`
    SELECT boot_id, started_at, seq, at, next_number, faults, proxies_at FROM telemetry_source
    WHERE cluster_id = ${clusterId} FOR UPDATE`;
  return row!;
}

const digestOf = (labels: string[]): string =>
  createHash('sha256').update(JSON.stringify(labels)).digest('base64url').slice(0, 22);

async function knownNumbers(tx: Tx, { clusterId }: Agent, digests: string[]) {
  if (digests.length === 0) return new Map<string, number>();
  const rows = await tx.$queryRaw<{ digest: string; number: number }[]>`
    SELECT digest, number FROM telemetry_edge WHERE cluster_id = ${clusterId} AND digest = ANY(${digests})`;
  return new Map(rows.map((row) => [row.digest, row.number]));
}

async function numbersOf(tx: Tx, agent: Agent, labels: string[][]): Promise<number[]> {
  const digests = labels.map(digestOf);
  const known = await knownNumbers(tx, agent, digests);
  return digests.map((digest) => known.get(digest) ?? 0);
}

/** Numbers for labels: those they have, else new ones, as long as the cluster has not too many. */
async function numberLabels(
  tx: Tx,
  agent: Agent,
  source: Source,
  labels: string[][],
  now: Date,
): Promise<number[]> {
  if (labels.length === 0) return [];
  const digests = labels.map(digestOf);
  const known = await knownNumbers(tx, agent, digests);
  const [{ count } = { count: 0 }] = await tx.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM telemetry_edge WHERE cluster_id = ${agent.clusterId}`;
  const made: { number: number; digest: string; labels: string[] }[] = [];
  let next = source.next_number;
  digests.forEach((digest, index) => {
    if (known.has(digest)) return;
    if (count + made.length >= telemetryLimits.edgesPerCluster) {
      known.set(digest, 0);
      return;
    }
    known.set(digest, next);
    made.push({ number: next++, digest, labels: labels[index]! });
  });
  if (made.length > 0) {
    await tx.$executeRaw`
      INSERT INTO telemetry_edge (cluster_id, organisation_id, number, digest, labels, seen_at)
      SELECT ${agent.clusterId}, ${agent.organisationId}, number, digest, labels, ${now}
      FROM jsonb_to_recordset(${JSON.stringify(made)}::jsonb) AS x(number int, digest text, labels jsonb)`;
    await tx.$executeRaw`
      UPDATE telemetry_source SET next_number = ${next} WHERE cluster_id = ${agent.clusterId}`;
  }
  return digests.map((digest) => known.get(digest)!);
}

/** Now and then, so that edges that are gone can be forgotten. */
async function noteSeen(tx: Tx, { clusterId }: Agent, before: Date, at: Date, readings: Reading[]) {
  const turn = (time: Date) => Math.floor(time.getTime() / seenEveryMs);
  if (turn(before) === turn(at) || readings.length === 0) return;
  const numbers = readings.map((reading) => reading.number);
  await tx.$executeRaw`
    UPDATE telemetry_edge SET seen_at = ${at} WHERE cluster_id = ${clusterId} AND number = ANY(${numbers})`;
}
