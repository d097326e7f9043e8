import { certificateNews, certificateStatus, type CertificateNews } from '../certificates/words.ts';
import { count, shareText } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import type { Unwell } from './unwell.ts';

export interface Attention {
  key: string;
  /** Word of the status vocabulary. */
  status: string;
  text: string;
  href: string;
}

interface Facts {
  alerts: {
    id: string;
    state: string;
    severity: string;
    summary: string;
    meshId?: string | null;
    labels?: Readonly<Record<string, string>>;
  }[];
  objectives: {
    id: string;
    meshId: string;
    name: string;
    status: { state: string; message: string };
  }[];
  meshes: {
    id: string;
    name: string;
    status: string;
    statusMessage: string;
    upgradeTo?: string[];
  }[];
  clusters: { id: string; name: string; state: string }[];
  findings: { meshId: string; error: number }[];
  /** Expired ones, and those that soon will be; the first to end first. */
  certificates: (CertificateNews & { id: string; meshId: string })[];
  operations: { id: string; title: string; state: string }[];
  tokens: { id: string; name: string; expiresAt: string; revokedAt: string | null }[];
  unwell: readonly Unwell[];
}

const mostAlerts = 5;
const mostCertificates = 5;
const mostTokens = 5;
const mostServices = 5;
const endsSoonMs = 14 * 86_400_000;

/**
 * What needs somebody now across all meshes, the worst first: one line, one link.
 * @param nowMs milliseconds since 1970; by it tokens end soon
 */
export function attentionOf(facts: Facts, nowMs: number): Attention[] {
  const { alerts, objectives, meshes, clusters, findings, operations, certificates } = facts;
  const firing = alerts.filter(({ state }) => state === 'firing');
  const rank = (severity: string) => (severity === 'error' ? 0 : 1);
  const shown = firing.toSorted((a, b) => rank(a.severity) - rank(b.severity)).slice(0, mostAlerts);
  const told = toldBy(shown);
  const nameOf = new Map(meshes.map(({ id, name }) => [id, name]));
  return [
    ...shown.map(({ id, summary }) => ({
      key: id,
      status: 'firing',
      text: summary,
      href: paths.alert(id),
    })),
    ...(firing.length > shown.length
      ? [
          {
            key: 'more alerts',
            status: 'firing',
            text: `${count(firing.length - shown.length, 'more alert fires', 'more alerts fire')}`,
            href: paths.alerts(),
          },
        ]
      : []),
    ...meshes
      .filter(({ status }) => status === 'Failed' || status === 'Degraded')
      .map(({ id, name, status, statusMessage }) => ({
        key: id,
        status,
        text: `Mesh ${name}: ${statusMessage}`,
        href: paths.mesh(id),
      })),
    ...clusters
      .filter(({ state }) => state === 'stale' || state === 'gone')
      .map(({ id, name, state }) => ({
        key: id,
        status: state,
        text: `Cluster ${name} is not heard of`,
        href: paths.cluster(id),
      })),
    ...operations
      .filter(({ state }) => state === 'failed')
      .map(({ id, title, state }) => ({
        key: id,
        status: state,
        text: `Operation ${title} failed and waits for a decision`,
        href: paths.operation(id),
      })),
    ...objectives
      .filter(({ status }) => status.state === 'exhausted' || status.state === 'burning')
      .filter(({ meshId, name }) => !told.has(`objective ${meshId} ${name}`))
      .map(({ id, meshId, name, status }) => ({
        key: id,
        status: status.state === 'exhausted' ? 'Failed' : 'Degraded',
        text: `Objective ${name}: ${status.message}`,
        href: paths.objective(meshId, id),
      })),
    ...unwellServices(facts.unwell, nameOf, told),
    ...certificates.slice(0, mostCertificates).map((each) => ({
      key: each.id,
      status: certificateStatus(each),
      text: certificateNews(each),
      href: `${paths.mesh(each.meshId)}#certificates`,
    })),
    ...endingTokens(facts.tokens, nowMs),
    ...findings
      .filter(({ error }) => error > 0)
      .map(({ meshId, error }) => ({
        key: `findings ${meshId}`,
        status: 'error',
        text: `${count(error, 'error')} of the diagnosis in ${nameOf.get(meshId) ?? meshId}`,
        href: paths.meshFindings(meshId),
      })),
    ...meshes
      .filter(({ upgradeTo }) => upgradeTo && upgradeTo.length > 0)
      .map(({ id, name, upgradeTo }) => ({
        key: `upgrade ${id}`,
        status: 'info',
        text: `Mesh ${name} can be upgraded: ${count(upgradeTo!.length, 'newer release is', 'newer releases are')} offered`,
        href: `${paths.meshSettings(id)}#upgrade`,
      })),
  ];
}

/** What the alerts that are shown say already: nobody needs to read it twice. */
function toldBy(alerts: Facts['alerts']): Set<string> {
  return new Set(
    alerts.flatMap(({ meshId, labels = {} }) => {
      const { objective, kind, namespace, name } = labels;
      return [
        ...(objective ? [`objective ${meshId} ${objective}`] : []),
        ...(kind === 'service' ? [`service ${meshId} ${namespace}/${name}`] : []),
      ];
    }),
  );
}

function unwellServices(
  unwell: readonly Unwell[],
  nameOf: ReadonlyMap<string, string>,
  told: ReadonlySet<string>,
): Attention[] {
  const all = unwell.flatMap(({ meshId, services }) =>
    services.map((service) => ({ ...service, meshId })),
  );
  const rank = (health: string) => (health === 'failure' ? 0 : 1);
  const isTold = (meshId: string, { namespace, name }: { namespace: string; name: string }) =>
    told.has(`service ${meshId} ${namespace}/${name}`);
  const shown = all
    .filter((each) => !isTold(each.meshId, each))
    .toSorted((a, b) => rank(a.health) - rank(b.health))
    .slice(0, mostServices);
  const more = unwell.flatMap(({ meshId, services, total }) => {
    const left =
      total -
      shown.filter((each) => each.meshId === meshId).length -
      services.filter((each) => isTold(meshId, each)).length;
    return left > 0 ? [{ meshId, left }] : [];
  });
  const meshOf = (meshId: string) => nameOf.get(meshId) ?? meshId;
  return [
    ...shown.map(({ meshId, namespace, name, health, errorShare }) => ({
      key: `service ${meshId} ${namespace}/${name}`,
      status: health === 'failure' ? 'Failed' : 'Degraded',
      text: `Service ${namespace}/${name} of ${meshOf(meshId)} is unwell${errorShare ? `: ${shareText(errorShare)} of what it is asked fails` : ''}`,
      href: paths.service(meshId, namespace, name),
    })),
    ...more.map(({ meshId, left }) => ({
      key: `more services ${meshId}`,
      status: 'Degraded',
      text: `${count(left, 'more service', 'more services')} of ${meshOf(meshId)} ${left === 1 ? 'is' : 'are'} unwell`,
      href: paths.meshServices(meshId),
    })),
  ];
}

/** Tokens that end within two weeks and are not revoked; the first to end first. */
function endingTokens(tokens: Facts['tokens'], nowMs: number): Attention[] {
  const ending = tokens
    .filter(({ expiresAt, revokedAt }) => {
      const leftMs = Date.parse(expiresAt) - nowMs;
      return revokedAt === null && leftMs > 0 && leftMs <= endsSoonMs;
    })
    .toSorted((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt));
  const left = ending.length - mostTokens;
  return [
    ...ending.slice(0, mostTokens).map(({ id, name, expiresAt }) => ({
      key: id,
      status: 'expiring',
      text: `Access token ${name} ends on ${expiresAt.slice(0, 10)}`,
      href: paths.tokens(),
    })),
    ...(left > 0
      ? [
          {
            key: 'more tokens',
            status: 'expiring',
            text: `${count(left, 'more access token ends', 'more access tokens end')} within two weeks`,
            href: paths.tokens(),
          },
        ]
      : []),
  ];
}
