'use client';

import type { GraphNode } from '@ambit/topology/model';
import { useQuery } from '@tanstack/react-query';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { ObjectiveState } from '@/features/objectives/budget.tsx';
import { promiseOf } from '@/features/objectives/words.ts';
import { actingOn } from '@/features/topology/model/acting.ts';
import { LatestTraces } from '@/features/traces/latest-traces.tsx';
import { paths } from '@/lib/paths.ts';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { alertLine, changeLine, findingLine } from './line-of.tsx';
import { Lines } from './lines.tsx';
import { reading } from './reading.ts';

interface Props {
  kind: 'service' | 'workload';
  namespace: string;
  name: string;
  app: string;
  /** Names of its workloads; undefined while they are not known. */
  workloads: readonly string[] | undefined;
}

const mostChanges = 10;

/** What belongs to a service or a workload: promises, alerts, findings, policies that act, traces, and what changed. */
export function About({ kind, namespace, name, app, workloads }: Props) {
  const mesh = useMesh();
  const meshId = mesh.id;
  const trpc = useTRPC();
  const client = useTRPCClient();
  const objectives = useQuery(
    trpc.objective.list.queryOptions({ meshId, namespace, subject: name }),
  );
  const alerts = useQuery(trpc.alert.list.queryOptions({ meshId, state: 'active', limit: 200 }));
  const findings = useQuery(trpc.finding.list.queryOptions({ meshId, namespace, limit: 100 }));
  const policies = useAll(['policy', 'targets'], { meshId }, (page) =>
    client.policy.targets.query(page),
  );
  const changes = useQuery(trpc.mesh.changes.queryOptions({ meshId, namespace, limit: 100 }));
  const node = { kind, cluster: '', namespace, name, app, version: '' } as GraphNode;
  const acting = actingOn(policies.data?.items ?? [])(node);
  const names = [...new Set([name, app])];
  const isAbout = (resource: string): boolean =>
    names.some((each) => resource.endsWith(`/${each}`)) ||
    acting.some((policy) => resource.endsWith(`${policy.kind} ${policy.namespace}/${policy.name}`));
  const own = new Set(workloads?.map((each) => paths.workload(meshId, namespace, each)));
  const changed = (changes.data?.items ?? []).filter(
    (each) => each.kind !== 'workload' || own.has(each.link),
  );
  const inNamespace = findings.data?.items ?? [];
  const found = inNamespace.filter(({ resource }) => isAbout(resource));
  const elsewhere = inNamespace.length - found.length;
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <Lines
        title="Alerts"
        none={reading(alerts, 'None is active.')}
        lines={(alerts.data?.items ?? [])
          .filter(
            ({ labels }) =>
              labels['namespace'] === namespace && names.includes(labels['name'] ?? ''),
          )
          .map(alertLine)}
      />
      <Lines
        title="Objectives"
        none={reading(objectives, 'Nothing is promised of it.')}
        lines={(objectives.data?.items ?? []).map((each) => ({
          key: each.id,
          href: paths.objective(each.meshId, each.id),
          text: `${each.name}: ${promiseOf(each)}`,
          end: <ObjectiveState state={each.status.state} />,
        }))}
      />
      <Lines
        title="Findings"
        none={reading(
          findings,
          elsewhere > 0 ? `None of it; ${elsewhere} of others in its namespace.` : 'None.',
        )}
        lines={found.map(findingLine)}
      />
      <Lines
        title="Policies that act on it"
        none={reading(policies, 'None.')}
        lines={acting.map((each) => ({
          key: each.id,
          href: paths.policy(meshId, each.id),
          text: `${each.kind} ${each.namespace === namespace ? '' : `${each.namespace}/`}${each.name}`,
        }))}
      />
      <LatestTraces meshId={meshId} namespace={namespace} name={app} />
      <Lines
        title="What changed in a day"
        none={reading(changes, 'Nothing that is known of.')}
        lines={changed.slice(0, mostChanges).map(changeLine)}
      />
    </div>
  );
}
