import { namespacesFor } from '@ambit/contracts/limits';
import { certificateList } from '@ambit/contracts/operations/certificate';
import { implement } from '../kernel/implement.ts';
import { pageOfArray } from '../kernel/page.ts';
import { requireMesh } from '../mesh/lock.ts';
import { certificatesOfMeshes, type CertificateAnswer } from './rows.ts';

const namespaceOf = ({ source }: CertificateAnswer): string =>
  source.slice(source.indexOf(' ') + 1).split('/')[0]!;

export const listCertificates = implement(certificateList, async ({ tx, now, limits }, input) => {
  const { meshId, clusterId, state } = input;
  if (meshId) await requireMesh(tx, meshId);
  const all = await certificatesOfMeshes(tx, { meshId, clusterId }, now);
  const shown = all.filter((each) => {
    const namespaces = namespacesFor(limits, each.meshId, 'get');
    if (namespaces && !namespaces.includes(namespaceOf(each))) return false;
    if (state === 'all') return true;
    return state === 'soon'
      ? each.state === 'expired' || each.state === 'expiring'
      : each.state === state;
  });
  return pageOfArray(input, shown, ({ notAfter, id }) => `${notAfter} ${id}`);
});
