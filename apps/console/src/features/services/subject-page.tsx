'use client';

import { nodeIdOf } from '@ambit/topology/node-id';
import { parseAsString, useQueryState } from 'nuqs';
import type { ReactNode } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Select } from '@/ui/field.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { About } from './about.tsx';
import { Edges } from './edges.tsx';
import { sentenceOf } from './sentence.ts';
import { GoldenSignals } from './signals.tsx';
import { TimeSpan, useSignals } from './time-span.tsx';

interface Props {
  kind: 'service' | 'workload';
  namespace: string;
  name: string;
  /** What traces and policies may know it by beside its name. */
  app?: string;
  /** Names of its workloads; undefined while they are not known. */
  workloads: readonly string[] | undefined;
  /** What only this kind of page has, below its signals and at the end. */
  children?: ReactNode;
  after?: ReactNode;
}

/** What is asked of a service or a workload, and what it asks: how it is, its signals, and what belongs to it. */
export function SubjectPage(props: Props) {
  const { kind, namespace, name, app, workloads, children, after } = props;
  const mesh = useMesh();
  const [cluster, setCluster] = useQueryState(
    'cluster',
    parseAsString.withDefault(mesh.clusters[0]?.name ?? ''),
  );
  const subject = nodeIdOf(kind, cluster, namespace, name);
  const { query, span, setSpan } = useSignals(mesh.id, subject);
  const how = query.data ? sentenceOf(query.data.inbound, query.data.sources) : null;
  const focus = new URLSearchParams({
    focus: subject,
    ...(kind === 'service' ? { group: 'service' } : {}),
  });
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="flex flex-wrap items-center gap-x-3 text-lg font-semibold">
            <span className="break-all">
              {namespace}/{name}
            </span>
            {how ? <Status status={how.status} /> : null}
          </h2>
          <p className="text-ink-2" aria-live="polite">
            {how?.text ??
              (query.error ? 'Its signals cannot be read now.' : 'Reading its signals…')}
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {mesh.clusters.length > 1 ? (
            <div className="w-40">
              <Select
                aria-label="Cluster"
                value={cluster}
                onChange={(event) => void setCluster(event.target.value)}
              >
                {mesh.clusters.map((each) => (
                  <option key={each.id}>{each.name}</option>
                ))}
              </Select>
            </div>
          ) : null}
          <div className="w-32">
            <TimeSpan span={span} onChange={setSpan} />
          </div>
          <CopyAs verb="topology.signals" input={{ meshId: mesh.id, subject }} />
          <ButtonLink href={`${paths.meshTopology(mesh.id)}?${focus.toString()}`}>
            In the graph
          </ButtonLink>
        </div>
      </div>
      {query.error && !query.data ? (
        <div className="card">
          <ErrorState error={query.error} what="its signals" onRetry={() => void query.refetch()} />
        </div>
      ) : query.data ? (
        <>
          <GoldenSignals signals={query.data} />
          <Edges meshId={mesh.id} top={query.data.top} />
        </>
      ) : (
        <Skeleton lines={8} />
      )}
      {children}
      <About
        kind={kind}
        namespace={namespace}
        name={name}
        app={app ?? name}
        workloads={workloads}
      />
      {after}
    </div>
  );
}
