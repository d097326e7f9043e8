'use client';

import Link from 'next/link';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { AskedRoutes } from '@/features/proxies/asked-routes.tsx';
import { HeldCertificates } from '@/features/proxies/held-certificates.tsx';
import { ProxyConfig } from '@/features/proxies/proxy-config.tsx';
import { proxyStatus, proxyTrouble } from '@/features/proxies/words.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Facts, Section } from '@/ui/page.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { Events } from './events.tsx';
import { LogTail } from './log-tail.tsx';

/** One proxy: whether it is in sync, what it runs with, what it was asked, its certificates, log and events. */
export function ProxyPage(props: { clusterId: string; namespace: string; pod: string }) {
  const { clusterId, namespace, pod } = props;
  const mesh = useMesh();
  const client = useTRPCClient();
  const filter = { meshId: mesh.id, clusterId };
  const all = useAll(['proxy', 'list'], filter, (page) => client.proxy.list.query(page));
  const proxies = all.data?.items;
  const proxy = proxies?.find((each) => each.pod === pod && each.namespace === namespace);
  const places = [{ clusterId, namespace, pod }];
  const input = { meshId: mesh.id, ...places[0]! };
  const trouble = proxy ? proxyTrouble(proxy) : '';
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="flex flex-wrap items-center gap-x-3 text-lg font-semibold">
            <span className="break-all">
              {namespace}/{pod}
            </span>
            {proxy ? <Status status={proxyStatus(proxy)} /> : null}
            {proxy ? <Tag>{proxy.kind}</Tag> : null}
          </h2>
          <p className="text-ink-2" aria-live="polite">
            {trouble
              ? `Something is wrong: ${trouble}.`
              : proxy
                ? proxy.inSync
                  ? 'It runs the newest configuration of istiod.'
                  : 'Whether it runs the newest configuration is not known.'
                : all.data
                  ? 'Its agent does not tell of it, or not yet.'
                  : all.error
                    ? 'It cannot be said now whether it is in sync.'
                    : 'Asking whether it is in sync…'}
          </p>
        </div>
        <CopyAs verb="proxy.config" input={input} />
      </div>
      {proxy ? (
        <Section title="About">
          <Facts
            items={[
              [
                'Workload',
                proxy.kind === 'sidecar' ? (
                  <Link
                    key="workload"
                    href={paths.workload(mesh.id, namespace, proxy.workload)}
                    className="text-accent hover:underline"
                  >
                    {proxy.workload}
                  </Link>
                ) : (
                  proxy.workload
                ),
              ],
              ['Version', proxy.version || 'not told'],
              ['Cluster', proxy.clusterName],
              ['Node', proxy.node],
              ['istiod', proxy.istiod === null ? 'could not be asked' : proxy.istiod || 'none'],
              [
                'In sync',
                Object.entries(proxy.sync)
                  .map(([type, state]) => (state === 'synced' ? type : `${type} ${state}`))
                  .join(', ') || 'not told',
              ],
              [
                'Metrics read',
                <Time key="scraped" at={proxy.scrapedAt} never={proxy.problem || 'not'} />,
              ],
            ]}
          />
        </Section>
      ) : null}
      <ProxyConfig
        meshId={mesh.id}
        place={places[0]!}
        kind={proxy?.kind}
        isAsked={all.isPending}
        others={(proxies ?? []).filter((each) => each !== proxy && each.kind === proxy?.kind)}
      />
      <AskedRoutes meshId={mesh.id} places={places} />
      <HeldCertificates meshId={mesh.id} places={places} />
      <LogTail meshId={mesh.id} places={places} />
      <Events meshId={mesh.id} of={[{ clusterId, kind: 'Pod', namespace, name: pod }]} />
    </div>
  );
}
