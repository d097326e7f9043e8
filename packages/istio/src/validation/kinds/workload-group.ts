import type { ReadinessProbe, WorkloadGroup } from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { probeHeaderProblem } from '../shared/header.ts';
import { show, some } from '../shared/json.ts';
import { checkLabels } from '../shared/labels.ts';
import { portProblem } from '../shared/port.ts';
import type { Check } from './subject.ts';

const counts = [
  'periodSeconds',
  'initialDelaySeconds',
  'timeoutSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

function checkMethod(report: Report, path: string, probe: ReadinessProbe): void {
  const { httpGet, tcpSocket, exec } = probe;
  if (httpGet) {
    report.need(`${path}.httpGet.port`, portProblem(httpGet.port));
    if (httpGet.scheme && httpGet.scheme !== 'HTTP' && httpGet.scheme !== 'HTTPS') {
      report.error(
        `${path}.httpGet.scheme`,
        `${show(httpGet.scheme)} is not possible; use HTTP or HTTPS`,
      );
    }
    for (const [index, { name = '' }] of (httpGet.httpHeaders ?? []).entries()) {
      report.need(`${path}.httpGet.httpHeaders[${index}].name`, probeHeaderProblem(name));
    }
  } else if (tcpSocket) report.need(`${path}.tcpSocket.port`, portProblem(tcpSocket.port));
  else if (exec) {
    if (!some(exec.command)) report.error(`${path}.exec`, 'a command is needed');
  } else report.error(path, 'set httpGet, tcpSocket or exec');
}

function checkProbe(report: Report, path: string, probe: ReadinessProbe): void {
  for (const field of counts) {
    if ((probe[field] ?? 0) < 0) report.error(`${path}.${field}`, `${probe[field]} is negative`);
  }
  checkMethod(report, path, probe);
}

export const checkWorkloadGroup: Check<WorkloadGroup> = ({ spec }, report) => {
  if (!spec.template) report.error('spec', 'a template is needed');
  checkLabels(report, 'spec.metadata.labels', spec.metadata?.labels);
  if (spec.probe) checkProbe(report, 'spec.probe', spec.probe);
};
