import { proxyCertificates } from '@ambit/contracts/operations/proxy';
import { implementOutside } from '../kernel/implement.ts';
import { telemetryStates } from '../telemetry-store/read.ts';
import { readableCluster } from './find.ts';
import { envoyCertificates, ztunnelCertificates } from './held-certificates.ts';
import { readAdmin } from './read-admin.ts';

export const getProxyCertificates = implementOutside(
  proxyCertificates,
  async (context, input) => {
    const { clusterId, namespace, pod } = input;
    const cluster = await readableCluster(context, input, `the certificates of ${pod}`);
    const [state] = await telemetryStates(context.tx, [clusterId]);
    const known = state?.proxies.find((each) => each.namespace === namespace && each.pod === pod);
    return { cluster, isZtunnel: known?.kind === 'ztunnel' };
  },
  async (outside, { namespace, pod }, { cluster, isZtunnel }) => {
    const answer = await readAdmin(outside, cluster.id, {
      namespace,
      pod,
      ...(isZtunnel ? { view: 'config', resource: 'ztunnel' } : { view: 'certs' }),
    });
    const now = outside.platform.now();
    const held = isZtunnel ? ztunnelCertificates : envoyCertificates;
    return {
      items: held(answer, now.getTime()),
      readAt: now.toISOString(),
      simulated: cluster.simulated,
    };
  },
);
