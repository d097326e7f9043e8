import type { ClientTLSSettings } from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { show, some } from './json.ts';

const configMapPrefix = 'configmap://';

function configMapProblem(credential: string, namespace: string): string | undefined {
  const [place, name] = credential.slice(configMapPrefix.length).split('/');
  if (!place || !name) return `${show(credential)} must be written as configmap://namespace/name`;
  return place === namespace
    ? undefined
    : `${show(credential)} must be in the namespace of the rule, ${show(namespace)}`;
}

const certificateFields = ['clientCertificate', 'privateKey', 'caCertificates', 'caCrl'] as const;

/** TLS towards an upstream (`trafficPolicy.tls`). */
export function checkClientTls(
  report: Report,
  path: string,
  tls: ClientTLSSettings | undefined,
  namespace: string,
): void {
  if (!tls) return;
  const { mode, credentialName = '' } = tls;
  if (credentialName.startsWith(configMapPrefix)) {
    report.need(`${path}.credentialName`, configMapProblem(credentialName, namespace));
  }
  const verifies =
    tls.caCertificates || some(tls.subjectAltNames) || (mode === 'SIMPLE' && credentialName);
  if (tls.insecureSkipVerify && (mode === 'SIMPLE' || mode === 'MUTUAL') && verifies) {
    report.error(
      `${path}.insecureSkipVerify`,
      'with insecureSkipVerify nothing is verified: leave out caCertificates, subjectAltNames and, in SIMPLE mode, credentialName',
    );
  }
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && credentialName) {
    for (const field of certificateFields.filter((name) => tls[name])) {
      report.error(
        `${path}.${field}`,
        'with a credentialName, certificates come from the credential',
      );
    }
    return;
  }
  if (mode !== 'MUTUAL') return;
  if (!tls.clientCertificate)
    report.error(path, 'MUTUAL needs a clientCertificate or a credentialName');
  if (!tls.privateKey) report.error(path, 'MUTUAL needs a privateKey or a credentialName');
}
