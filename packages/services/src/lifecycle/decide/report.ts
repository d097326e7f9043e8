import { lifecycle } from '@ambit/contracts/lifecycle';
import { counted } from '@ambit/contracts/words';
import { isInSync } from '../../proxy/in-sync.ts';
import type { Draft, Outcome, Plan } from '../plan.ts';
import type { CertificateView } from '../view.ts';
import { awayMessage, list } from '../words.ts';

const diagnoseTimeoutMs = 120_000;

const partNames = lifecycle['mesh.report'].steps.filter((step) => step !== 'diagnose');

/** Looks at all that is known of a mesh, part by part. Nothing is changed. */
export const reportPlan: Plan = {
  steps: {
    diagnose,
    versions: part('versions', versions),
    certificates: part('certificates', certificates),
    proxies: part('proxies', proxies),
    configuration: part('configuration', configuration),
    enrolment: part('enrolment', enrolment),
    capacity: part('capacity', capacity),
  },
  succeed: ({ memory }) => {
    const parts = partNames.flatMap((name) => {
      const found = memory.report?.[name];
      return found ? [{ part: name, ...found }] : [];
    });
    const wrong = parts.filter(({ verdict }) => verdict !== 'ok').length;
    return {
      message:
        wrong === 0 ? 'Nothing to do' : `${counted(wrong, 'part')} of ${parts.length} to look at`,
      result: { parts },
    };
  },
};

export interface ReportPart {
  verdict: 'ok' | 'warning' | 'error' | 'unknown';
  summary: string;
  details: string[];
}

function part(name: string, look: (draft: Draft) => ReportPart): (draft: Draft) => Outcome {
  return (draft) => {
    const found = look(draft);
    draft.memory.report = { ...draft.memory.report, [name]: found };
    for (const line of found.details.slice(0, 20)) {
      draft.log(line, found.verdict === 'ok' || found.verdict === 'unknown' ? 'info' : 'warning');
    }
    return { is: 'done', message: found.summary };
  };
}

/** The parts after it go by findings, so the diagnosis has to have seen what holds now. */
function diagnose(draft: Draft): Outcome {
  const { view } = draft;
  const { diagnosis } = view;
  if (diagnosis && !diagnosis.pending) {
    return { is: 'done', message: `${counted(diagnosis.resources, 'object')} looked at` };
  }
  if (view.now >= draft.deadline('diagnose', diagnoseTimeoutMs)) {
    return {
      is: 'failed',
      reason: 'NotDiagnosed',
      message: `The diagnosis did not end in time${diagnosis?.error ? `: ${diagnosis.error}` : ''}`,
    };
  }
  return { is: 'waiting', message: 'Waiting for the diagnosis', wakeInMs: 1_000 };
}

const say = (
  verdict: ReportPart['verdict'],
  summary: string,
  details: string[] = [],
): ReportPart => ({ verdict, summary, details });

function versions({ view, mesh }: Draft): ReportPart {
  const wanted =
    mesh.release === mesh.activeRelease
      ? []
      : [`${mesh.release} is wanted, ${mesh.activeRelease ?? 'none'} is Ready`];
  const other = view.clusters.flatMap((cluster) =>
    (cluster.inventory?.workloads ?? []).flatMap((workload) =>
      Object.keys(workload.proxyVersions)
        .filter((version) => version !== mesh.activeRelease)
        .map(
          (version) =>
            `${cluster.name}: ${workload.kind} ${workload.namespace}/${workload.name} has a proxy of ${version}`,
        ),
    ),
  );
  const kubernetes = view.clusters.map(
    ({ name, report }) => `${name}: Kubernetes ${report?.cluster.kubernetesVersion ?? 'not known'}`,
  );
  const wrong = [...wanted, ...other];
  return say(
    wrong.length === 0 ? 'ok' : 'warning',
    wrong.length === 0
      ? `Istio ${mesh.activeRelease ?? 'not installed'} everywhere`
      : `${counted(other.length, 'workload')} with a proxy of another version`,
    [...wrong, ...kubernetes],
  );
}

const aboutCertificates = /certificate|credential|expire/i;
/** Limits of the diagnosis under which it tells nothing of certificates. */
const unseenCertificates = /certificates|rules that look at workloads wait|no cluster/;

function certificates({ view }: Draft): ReportPart {
  const found = (view.diagnosis?.findings ?? []).filter(({ message }) =>
    aboutCertificates.test(message),
  );
  const told = (view.diagnosis?.certificates ?? []).map(inWords);
  const limits = (view.diagnosis?.limits ?? []).filter((limit) => unseenCertificates.test(limit));
  if (found.length > 0) {
    const isError = found.some(({ severity }) => severity === 'error');
    const lines = [...found.map(lineOf), ...limits, ...told];
    return say(isError ? 'error' : 'warning', counted(found.length, 'finding'), lines);
  }
  return limits.length > 0
    ? say('unknown', 'No finding, and not all certificates are known', [...limits, ...told])
    : say(
        'ok',
        'No certificate of the CA, or that the policies name, is past its time or near it',
        told,
      );
}

function inWords(certificate: CertificateView): string {
  const { clusterName, use, source, role, notAfter, state, isSelfSigned } = certificate;
  const what =
    use === 'authority'
      ? `${role} certificate of the CA${isSelfSigned ? ', self-signed by istiod' : ''}`
      : 'certificate';
  const until = `${state === 'expired' ? 'ended on' : 'is valid until'} ${notAfter.slice(0, 10)}`;
  return `${clusterName}: the ${what} in ${source} ${until}`;
}

function proxies({ view }: Draft): ReportPart {
  const away = awayMessage(view.clusters, view.now);
  const enrolled = view.clusters.flatMap((cluster) =>
    (cluster.inventory?.workloads ?? [])
      .filter((workload) => workload.enrolled > 0)
      .map((workload) => ({ cluster, workload })),
  );
  const broken = enrolled.filter(({ workload }) => workload.ready < workload.pods);
  const sync = syncOf(view.clusters);
  const details = [
    ...broken.map(
      ({ cluster, workload }) =>
        `${cluster.name}: ${workload.kind} ${workload.namespace}/${workload.name} has ${workload.ready} of ${workload.pods} pods ready`,
    ),
    ...sync.details,
  ];
  const pods = enrolled.reduce((sum, { workload }) => sum + workload.enrolled, 0);
  if (away) return say('unknown', away, details);
  if (broken.length === 0 && sync.behind === 0) {
    return say(
      'ok',
      `${counted(pods, 'proxy', 'proxies')} in ready pods; ${
        sync.known > 0
          ? `${sync.known} asked of istiod, all with the newest configuration`
          : 'whether each has the newest configuration is not told'
      }`,
      details,
    );
  }
  const wrong = [
    ...(broken.length > 0
      ? [`${counted(broken.length, 'workload')} of the mesh not wholly ready`]
      : []),
    ...(sync.behind > 0
      ? [
          `${counted(sync.behind, 'proxy', 'proxies')} of ${sync.known} without the newest configuration`,
        ]
      : []),
  ];
  return say('warning', wrong.join('; '), details);
}

/** What istiod told of the proxies that are connected to it. */
function syncOf(clusters: Draft['view']['clusters']) {
  let known = 0;
  const details: string[] = [];
  for (const { name, proxies: seen } of clusters) {
    for (const proxy of seen?.told ?? []) {
      const inSync = isInSync(proxy);
      if (inSync === null) continue;
      known++;
      if (inSync) continue;
      const types = Object.entries(proxy.sync)
        .filter(([, state]) => state === 'stale' || state === 'error')
        .map(([type, state]) => `${type} ${state === 'stale' ? 'not taken yet' : 'refused'}`);
      const what = proxy.istiod === '' ? 'is connected to no istiod' : types.join(', ');
      details.push(
        `${name}: ${proxy.kind} ${proxy.namespace}/${proxy.pod} ${what}${proxy.syncError ? `: ${proxy.syncError}` : ''}`,
      );
    }
  }
  return { known, behind: details.length, details };
}

function configuration({ view }: Draft): ReportPart {
  const rejected = view.clusters.flatMap(({ name, report }) =>
    (report?.bundles ?? []).flatMap((bundle) =>
      bundle.errors.map(
        ({ object, message }) =>
          `${name}, ${bundle.name}: ${object ? `${object.kind} ${object.name}: ` : ''}${message}`,
      ),
    ),
  );
  const findings = view.diagnosis?.findings ?? [];
  const errors = findings.filter(({ severity }) => severity === 'error');
  const details = [...rejected, ...errors.map(lineOf)];
  const verdict = details.length > 0 ? 'error' : findings.length > 0 ? 'warning' : 'ok';
  return say(
    verdict,
    `${counted(rejected.length, 'object')} rejected by clusters, ${counted(errors.length, 'error')} and ${counted(findings.length - errors.length, 'other finding')}`,
    [...details, ...findings.filter(({ severity }) => severity !== 'error').map(lineOf)].slice(
      0,
      100,
    ),
  );
}

const lineOf = (finding: { code: string; resource: string; message: string }): string =>
  `${finding.code} ${finding.resource}: ${finding.message}`;

function enrolment({ view }: Draft): ReportPart {
  const wrong = view.enrolments.flatMap(({ clusterId, namespace, mode }) => {
    const cluster = view.clusters.find(({ id }) => id === clusterId);
    const workloads = (cluster?.inventory?.workloads ?? []).filter(
      (workload) => workload.namespace === namespace,
    );
    return workloads
      .filter(({ pods, enrolled, optedOut = 0 }) => enrolled + optedOut < pods)
      .map(
        ({ kind, name, pods, enrolled }) =>
          `${cluster?.name}: ${kind} ${namespace}/${name} has ${enrolled} of ${pods} pods in the mesh (${mode})`,
      );
  });
  return say(
    wrong.length === 0 ? 'ok' : 'warning',
    wrong.length === 0
      ? `${counted(view.enrolments.length, 'namespace')} enrolled, and all of their pods`
      : `${counted(wrong.length, 'workload')} not wholly in the mesh`,
    wrong,
  );
}

function capacity({ view, mesh }: Draft): ReportPart {
  const { minReplicas } = mesh.options.controlPlane;
  const down = view.clusters.flatMap(({ name, report }) =>
    (report?.cluster.nodes ?? [])
      .filter(({ ready }) => !ready)
      .map((node) => `${name}: ${node.name} is not ready`),
  );
  const details = view.clusters.map(({ name, report, inventory }) => {
    const workloads = inventory?.workloads ?? [];
    const pods = workloads.reduce((sum, workload) => sum + workload.pods, 0);
    const proxied = workloads.reduce((sum, workload) => sum + workload.enrolled, 0);
    return `${name}: ${counted(report?.cluster.nodes.length ?? 0, 'node')}, ${counted(pods, 'pod')}, ${proxied} in the mesh`;
  });
  const single =
    minReplicas === 1
      ? [
          'istiod has one replica at least: set controlPlane.minReplicas to 2 where it must not fail',
        ]
      : [];
  return say(
    down.length > 0 ? 'error' : single.length > 0 ? 'warning' : 'ok',
    down.length > 0
      ? `not ready: ${list(down)}`
      : `istiod ${minReplicas} to ${mesh.options.controlPlane.maxReplicas} replicas in each cluster`,
    [...down, ...single, ...details],
  );
}
