'use client';

import { parseEdgeId, parseNodeId } from '@ambit/topology/node-id';
import Link from 'next/link';
import { msText, rateText, shareText } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { Section } from '@/ui/page.tsx';

type Top = Outputs['topology']['signals']['top'][number];

/** Who asks something and whom it asks, what fails most first. @param top edges of the node, as its signals name them */
export function Edges({ meshId, top }: { meshId: string; top: readonly Top[] }) {
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <Side
        title="Inbound"
        text="Who asks it; what fails most first."
        peer="From"
        meshId={meshId}
        edges={top.filter(({ direction }) => direction === 'inbound')}
      />
      <Side
        title="Outbound"
        text="Whom it asks; what fails most first."
        peer="To"
        meshId={meshId}
        edges={top.filter(({ direction }) => direction === 'outbound')}
      />
    </div>
  );
}

/** What a node of the graph is called, and its page; null for what has none. */
function peerOf(meshId: string, id: string): { name: string; href: string | null } {
  const node = parseNodeId(id);
  if (!node) return { name: id, href: null };
  const { kind, namespace, name, version } = node;
  return {
    name: [namespace, name, version].filter(Boolean).join('/') || kind,
    href:
      namespace !== '' && (kind === 'service' || kind === 'workload')
        ? paths[kind](meshId, namespace, name)
        : null,
  };
}

interface SideProps {
  title: string;
  text: string;
  peer: string;
  meshId: string;
  edges: Top[];
}

function Side({ title, text, peer, meshId, edges }: SideProps) {
  return (
    <Section title={title} text={text} bare>
      {edges.length === 0 ? (
        <p className="card px-4 py-3 text-sm text-ink-3">No traffic now.</p>
      ) : (
        <div className="card overflow-x-auto">
          <table className="w-full text-sm">
            <thead className="text-left text-xs text-ink-3">
              <tr>
                <th className="px-4 py-2 font-medium">{peer}</th>
                <th className="px-4 py-2 text-right font-medium">Rate</th>
                <th className="px-4 py-2 text-right font-medium">Errors</th>
                <th className="px-4 py-2 text-right font-medium">p95</th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {edges.map((edge) => {
                const { name, href } = peerOf(meshId, edge.peer);
                const isOneOfMany = edges.some(
                  ({ peer: other, edgeId }) => other === edge.peer && edgeId !== edge.edgeId,
                );
                const protocol = isOneOfMany ? parseEdgeId(edge.edgeId)?.protocol : undefined;
                return (
                  <tr key={edge.edgeId}>
                    <td className="max-w-56 truncate px-4 py-2" title={name}>
                      {href ? (
                        <Link href={href} className="hover:underline">
                          {name}
                        </Link>
                      ) : (
                        name
                      )}
                      {protocol ? <span className="ml-1.5 text-ink-3">{protocol}</span> : null}
                    </td>
                    <td className="tnum px-4 py-2 text-right whitespace-nowrap">
                      {rateText(edge.rate)}
                    </td>
                    <td className="tnum px-4 py-2 text-right whitespace-nowrap">
                      {edge.errorShare === null ? '–' : shareText(edge.errorShare)}
                      {edge.code ? (
                        <span className="ml-1.5 text-ink-3">{edge.code.replace(/ -$/, '')}</span>
                      ) : null}
                    </td>
                    <td className="tnum px-4 py-2 text-right whitespace-nowrap">
                      {edge.p95Ms === null ? '–' : msText(edge.p95Ms)}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
