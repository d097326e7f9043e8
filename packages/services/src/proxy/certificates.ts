import { proxyCertificates } from '@ambit/contracts/operations/proxy';
import { readThroughAgent } from '../agent-reads/ask.ts';
import { AmbitError } from '../kernel/errors.ts';
import { implementOutside } from '../kernel/implement.ts';
import { telemetryStates } from '../telemetry-store/read.ts';
import { readableCluster } from './find.ts';
import { envoyCertificates, ztunnelCertificates } from './held-certificates.ts';

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
    const { body } = await readThroughAgent(outside, cluster.id, {
      kind: 'proxy-admin',
      namespace,
      pod,
      ...(isZtunnel ? { view: 'config', resource: 'ztunnel' } : { view: 'certs' }),
    });
    let answer: unknown;
    try {
      answer = JSON.parse(body.toString('utf8'));
    } catch {
      throw new AmbitError(
        'unavailable',
        `${namespace}/${pod} answered something that is not JSON`,
      );
    }
    const now = outside.platform.now();
    const held = isZtunnel ? ztunnelCertificates : envoyCertificates;
    return {
      items: held(answer, now.getTime()),
      readAt: now.toISOString(),
      simulated: cluster.simulated,
    };
  },
);
