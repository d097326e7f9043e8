'use client';

import type { GraphNode } from '@ambit/topology/model';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { paths } from '@/lib/paths.ts';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Status } from '@/ui/status.tsx';
import { actingOn } from '../model/acting.ts';

interface Props {
  meshId: string;
  nodes: GraphNode[];
  /** The node is the called end of an edge. */
  onEdge?: boolean;
  namespaceOnly?: boolean;
}

/** The policies that act on something, and the findings of it. */
export function Acting({ meshId, nodes, onEdge = false, namespaceOnly = false }: Props) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const [node] = nodes;
  const namespace = node?.namespace ?? '';
  const policies = useAll(['policy', 'targets'], { meshId }, (page) =>
    client.policy.targets.query(page),
  ).data?.items;
  const findings = useQuery(
    trpc.finding.list.queryOptions(
      { meshId, namespace, limit: 100 },
      { enabled: namespace !== '' },
    ),
  ).data?.items;
  if (!node || namespace === '') return null;
  const about = { ...node, ...(namespaceOnly ? { name: '', app: '', version: '' } : {}) };
  const acting = actingOn(policies ?? [])(about);
  const names = [node.name, node.app].filter(Boolean);
  const found = (findings ?? []).filter(
    ({ resource }) =>
      namespaceOnly ||
      names.some((name) => resource.endsWith(`/${name}`)) ||
      acting.some((p) => resource.endsWith(`${p.kind} ${p.namespace}/${p.name}`)),
  );
  return (
    <>
      <section aria-label="Policies">
        <h3 className="mb-1 text-xs font-medium text-ink-3">
          {onEdge ? 'Policies that act on its target' : 'Policies that act on it'}{' '}
          <span className="tnum font-normal">{policies ? acting.length : ''}</span>
        </h3>
        {policies && acting.length === 0 ? <p className="text-sm text-ink-3">None.</p> : null}
        <ul>
          {acting.slice(0, 12).map((policy) => (
            <li key={policy.id}>
              <Link
                href={paths.policy(meshId, policy.id)}
                className="flex justify-between gap-3 rounded px-1 py-0.5 text-sm hover:bg-hover"
              >
                <span className="min-w-0 truncate">{policy.name}</span>
                <span className="shrink-0 text-xs text-ink-3">{policy.kind}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>
      <section aria-label="Findings">
        <h3 className="mb-1 text-xs font-medium text-ink-3">
          Findings <span className="tnum font-normal">{findings ? found.length : ''}</span>
        </h3>
        {findings && found.length === 0 ? <p className="text-sm text-ink-3">None open.</p> : null}
        <ul>
          {found.slice(0, 8).map((finding) => (
            <li key={finding.id}>
              <Link
                href={paths.finding(meshId, finding.id)}
                className="flex items-start justify-between gap-3 rounded px-1 py-0.5 text-sm hover:bg-hover"
              >
                <span className="min-w-0">{finding.message}</span>
                <Status status={finding.severity} quiet />
              </Link>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
