import { ArrowDown, Lock, LockOpen, MoveDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '@/lib/cn.ts';
import type { Outputs } from '@/lib/session.tsx';
import { StatusIcon, statusWord, Tag } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';

type Hop = Outputs['path']['get']['hops'][number];

const looks = { ok: 'ok', broken: 'error', unknown: 'unknown' };
const words = { ok: 'Ready', broken: 'Broken', unknown: 'Not known' };

/** The hops of a request from top to bottom, with how it goes on from each. */
export function Hops({ hops }: { hops: Hop[] }) {
  return (
    <ol aria-label="Hops" className="flex flex-col">
      {hops.map((hop, index) => (
        <li key={`${hop.kind}${index}`}>
          <article
            aria-label={hop.title}
            className={cn('card p-4', hop.state === 'broken' && 'border-bad')}
          >
            <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <h3 className="font-medium">{hop.title}</h3>
              <span className="inline-flex items-center gap-1.5 text-sm text-ink-2">
                <StatusIcon status={looks[hop.state]} />
                {words[hop.state]}
              </span>
              {hop.version ? <Tag mono>{hop.version}</Tag> : null}
              <span className="min-w-0 text-sm break-all text-ink-3">
                {[hop.namespace, hop.name].filter(Boolean).join('/')}
                {hop.node ? ` on ${hop.node}` : ''}
              </span>
            </header>
            <ul className="mt-1 text-sm text-ink-2">
              {hop.says.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <FactsOf hop={hop} />
          </article>
          {hop.next ? <Onward next={hop.next} /> : null}
        </li>
      ))}
    </ol>
  );
}

function FactsOf({ hop }: { hop: Hop }) {
  const facts: [string, ReactNode][] = [
    ...(hop.identity ? [['Identity', hop.identity] as [string, ReactNode]] : []),
    ...(hop.inSync === null
      ? []
      : [
          [
            'Configuration',
            hop.inSync ? 'acknowledged' : 'not acknowledged, or istiod does not know it',
          ] as [string, ReactNode],
        ]),
    ...(hop.certificateExpiresAt
      ? [
          ['Certificate ends', <Time key="certificate" at={hop.certificateExpiresAt} />] as [
            string,
            ReactNode,
          ],
        ]
      : []),
    ...hop.policies.map(
      (policy) =>
        [`${policy.kind} ${policy.namespace}/${policy.name}`, policy.effect] as [string, ReactNode],
    ),
  ];
  if (facts.length === 0) return null;
  return (
    <dl className="mt-2 grid gap-x-4 gap-y-1 text-sm sm:grid-cols-[minmax(0,16rem)_1fr]">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="break-words text-ink-3">{name}</dt>
          <dd className="min-w-0 break-all">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Onward({ next }: { next: NonNullable<Hop['next']> }) {
  const isSafe = next.transport === 'hbone' || next.transport === 'mtls';
  const Icon = isSafe ? Lock : next.transport === 'plain' ? LockOpen : MoveDown;
  return (
    <div className="flex items-center gap-2 py-1.5 pl-5 text-sm text-ink-2">
      <ArrowDown size={15} aria-hidden="true" className="text-ink-3" />
      <Icon
        size={14}
        aria-hidden="true"
        className={isSafe ? 'text-ok' : next.transport === 'plain' ? 'text-warn' : 'text-ink-3'}
      />
      <span>
        {next.words}
        {next.port ? `, port ${next.port}` : ''}
      </span>
      <span className="sr-only">{statusWord(next.transport)}</span>
    </div>
  );
}
