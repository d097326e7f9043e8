import { proxyCounts, versionOfImage, versionText } from '../../facts/versions.ts';
import type { ProxyCount, Version } from '../../facts/versions.ts';
import type { Resource } from '../../resource.ts';
import { fullName } from '../../resource.ts';
import { defineRule } from '../../rule.ts';
import { ambient, doc, docs, negative, positive } from '../shared/example.ts';

const istiod = (tag: string): string =>
  doc(
    'Deployment istio-system/istiod',
    `spec:
  template:
    metadata: {labels: {app: istiod}}
    spec: {containers: [{name: discovery, image: "docker.io/istio/pilot:${tag}"}]}`,
    { app: 'istiod' },
  );
const proxy = (tag: string): string =>
  doc(
    'Pod shop/web-1',
    `spec: {containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:${tag}"}]}`,
  );

/** The version of a control plane, by the image of its Deployment. */
function controlPlane({ spec, labels }: Resource<'Deployment'>): Version | undefined {
  if (labels['app'] !== 'istiod' && spec.template?.metadata?.labels?.['app'] !== 'istiod')
    return undefined;
  return versionOfImage(
    spec.template?.spec?.containers?.find(({ name }) => name === 'discovery')?.image,
  );
}

const minors = ({ version }: ProxyCount): number => Number(version.split('.')[1]);

const words = (found: ProxyCount[]): string =>
  found
    .map(({ count, version, namespaces }) => `${count} × ${version} (${namespaces.join(', ')})`)
    .join(', ');

export const versionSkew = defineRule({
  id: 'AMB0026',
  code: 'AMB0026',
  severity: 'warning',
  title: 'Versions of control plane and proxies are too far apart',
  explanation:
    'A control plane may be one minor version ahead of its proxies (sidecars, gateways, waypoints, ztunnel); proxies must never be ahead of it. Where several control planes run, proxies are held against that of their revision, and those without a revision against none.',
  howToFix:
    'Upgrade the control plane first; then restart workloads, and roll ztunnel and the CNI, before the next minor version.',
  cause: 'Proxies run a version that this control plane is not tested with.',
  consequence: 'Configuration may be refused by proxies, or be understood differently.',
  kinds: ['Deployment'],
  reads: ['Pod', 'Deployment', 'Namespace'],
  check: (subject, view, report) => {
    const version = controlPlane(subject);
    if (!version) return;
    const revision = subject.labels['istio.io/rev'] ?? 'default';
    const planes = view
      .inNamespace('Deployment', subject.namespace)
      .filter((other) => other.cluster === subject.cluster && controlPlane(other));
    const own = proxyCounts(view, subject.cluster).filter((found) =>
      planes.length === 1 ? true : found.revision === revision,
    );
    const ahead = own.filter((found) => minors(found) > version.minor);
    const behind = own.filter((found) => minors(found) < version.minor - 1);
    if (ahead.length > 0) {
      report({
        message: `Proxies are ahead of control plane ${fullName(subject)} (${versionText(version)}): ${words(ahead)}`,
        severity: 'error',
        key: 'ahead',
      });
    }
    if (behind.length > 0) {
      report({
        message: `Proxies are more than one minor version behind control plane ${fullName(subject)} (${versionText(version)}): ${words(behind)}`,
        key: 'behind',
      });
    }
  },
  examples: [
    positive(
      'a proxy that was not restarted for two versions',
      docs(istiod('1.31.0'), proxy('1.29.2')),
      ['Deployment istio-system/istiod'],
    ),
    positive(
      'a proxy ahead of its control plane',
      docs(istiod('1.30.1'), proxy('1.31.0-distroless')),
      ['Deployment istio-system/istiod'],
    ),
    negative('one minor version behind', docs(istiod('1.31.0'), proxy('1.30.4'))),
    ambient(
      'ztunnel counts as a proxy',
      docs(
        istiod('1.31.0'),
        doc(
          'Pod istio-system/ztunnel-1',
          'spec: {containers: [{name: istio-proxy, image: "docker.io/istio/ztunnel:1.29.0"}]}',
        ),
      ),
      ['Deployment istio-system/istiod'],
    ),
  ],
});
