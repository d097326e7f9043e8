import { count } from '../../lib/format.ts';
import type { NamespaceRow } from './namespaces.ts';

interface Change {
  row: Pick<NamespaceRow, 'namespace' | 'workloads' | 'pods'>;
  mesh: { options: { mtls: 'PERMISSIVE' | 'STRICT' } };
  mode: 'none' | 'sidecar' | 'L4';
  restart: boolean;
}

/** What an enrolment does, sentence by sentence, from what runs in the namespace now. */
export function enrolConsequences({ row, mesh, mode, restart }: Change): string[] {
  const label = mode === 'L4' ? 'istio.io/dataplane-mode=ambient' : 'Istio’s injection label';
  const lines = [
    mode === 'none'
      ? `Istio’s labels are taken off the namespace ${row.namespace}; nothing else of it is touched.`
      : `The namespace ${row.namespace} gets ${label}; nothing else of it is touched.`,
  ];
  if (row.workloads.length === 0)
    lines.push('No workload runs there now; later ones follow the label.');
  else if (restart) {
    lines.push(
      `${count(row.workloads.length, 'workload')} with ${count(row.pods, 'pod')} restart by a rolling update.`,
    );
    const single = row.workloads.filter((each) => each.pods === 1).length;
    if (single > 0)
      lines.push(
        `${count(single, 'workload')} with a single pod may refuse requests for a moment.`,
      );
  }
  if (mode === 'none' && mesh.options.mtls === 'STRICT')
    lines.push('Mutual TLS is STRICT: workloads of the mesh will refuse what these send.');
  if (mode !== 'none' && mesh.options.mtls === 'STRICT')
    lines.push(
      'Mutual TLS is STRICT: callers outside the mesh will be refused by these workloads.',
    );
  return lines;
}
