import { certificateNews, certificateStatus, type CertificateNews } from '../certificates/words.ts';
import { count } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';

export interface Attention {
  key: string;
  /** Word of the status vocabulary. */
  status: string;
  text: string;
  href: string;
}

interface Facts {
  alerts: { id: string; state: string; severity: string; summary: string }[];
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
}

const mostAlerts = 5;
const mostCertificates = 5;

/** What needs somebody now across all meshes, the worst first: one line, one link. */
export function attentionOf(facts: Facts): Attention[] {
  const { alerts, objectives, meshes, clusters, findings, operations, certificates } = facts;
  const firing = alerts.filter(({ state }) => state === 'firing');
  const rank = (severity: string) => (severity === 'error' ? 0 : 1);
  const shown = firing.toSorted((a, b) => rank(a.severity) - rank(b.severity)).slice(0, mostAlerts);
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
      .map(({ id, meshId, name, status }) => ({
        key: id,
        status: status.state === 'exhausted' ? 'Failed' : 'Degraded',
        text: `Objective ${name}: ${status.message}`,
        href: paths.objective(meshId, id),
      })),
    ...certificates.slice(0, mostCertificates).map((each) => ({
      key: each.id,
      status: certificateStatus(each),
      text: certificateNews(each),
      href: `${paths.mesh(each.meshId)}#certificates`,
    })),
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
