'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryStates } from 'nuqs';
import { useState } from 'react';
import { pathOfId } from '@/lib/paths.ts';
import { cn } from '@/lib/cn.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { useDebounced } from '@/lib/use-debounced.ts';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Input } from '@/ui/field.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { Empty, ErrorState } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { TableSkeleton } from '@/ui/table/table.tsx';
import { Time } from '@/ui/time.tsx';

type Entry = Outputs['audit']['list']['items'][number];

const filters = [
  { key: 'action', label: 'Action', placeholder: 'mesh.create' },
  { key: 'target', label: 'Target', placeholder: 'msh_… or cls_…' },
  { key: 'actor', label: 'Actor', placeholder: 'name or id' },
] as const;

export function AuditPage() {
  const trpc = useTRPC();
  const [filter, setFilter] = useQueryStates(
    { action: parseAsString, target: parseAsString, actor: parseAsString },
    { history: 'replace', throttleMs: 200 },
  );
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value)) as Record<
    string,
    string
  >;
  const settled = useDebounced(given, 300);
  const list = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions(
      { ...settled, limit: 100 },
      { getNextPageParam: (page) => page.nextCursor },
    ),
  );
  const entries = list.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Object.keys(given).length > 0;
  return (
    <>
      <PageHeader
        title="Audit"
        lead="Who did what, through which door, newest first. Refused attempts are kept too."
        actions={<CopyAs verb="audit.list" input={given} />}
      />
      {list.error && !list.data ? (
        <div className="card">
          <ErrorState error={list.error} what="the audit log" onRetry={() => void list.refetch()} />
        </div>
      ) : (
        <div className="flex flex-col gap-3">
          <search className="flex flex-wrap items-center gap-2">
            {filters.map(({ key, label, placeholder }) => (
              <Input
                key={key}
                type="search"
                aria-label={label}
                placeholder={`${label}: ${placeholder}`}
                value={filter[key] ?? ''}
                onChange={(event) => void setFilter({ [key]: event.target.value || null })}
                className="!w-auto grow basis-48 sm:max-w-60"
              />
            ))}
            {filtered ? (
              <Button variant="ghost" onClick={() => void setFilter(null)}>
                Clear
              </Button>
            ) : null}
          </search>
          {list.data ? (
            <div className="card overflow-hidden">
              {entries.length === 0 ? (
                <Empty title={filtered ? 'Nothing matches' : 'Nothing was done yet'}>
                  {filtered
                    ? 'Change or clear the filters above. They match whole action names and ids.'
                    : 'Every change made through the console, REST, the CLI or kubectl is listed here.'}
                </Empty>
              ) : (
                <ul aria-label="Audit entries" className="divide-y divide-line">
                  {entries.map((entry) => (
                    <EntryRow key={entry.id} entry={entry} />
                  ))}
                </ul>
              )}
            </div>
          ) : (
            <TableSkeleton />
          )}
          {list.hasNextPage ? (
            <div className="flex justify-center">
              <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Show older
              </Button>
            </div>
          ) : null}
        </div>
      )}
    </>
  );
}

function EntryRow({ entry }: { entry: Entry }) {
  const [open, setOpen] = useState(false);
  const target = pathOfId(entry.target);
  return (
    <li>
      <div className="grid grid-cols-[24px_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 px-3 py-2 md:grid-cols-[24px_minmax(0,1fr)_minmax(0,200px)_88px_88px_88px]">
        <button
          type="button"
          aria-expanded={open}
          aria-label={`Details of ${entry.action}`}
          onClick={() => setOpen(!open)}
          className="inline-flex size-6 items-center justify-center rounded text-ink-3 hover:bg-hover hover:text-ink"
        >
          <ChevronRight
            size={14}
            aria-hidden="true"
            className={cn('transition-transform', open && 'rotate-90')}
          />
        </button>
        <span className="min-w-0">
          <span className="block font-medium">{entry.action}</span>
          <span className="block truncate font-mono text-2xs text-ink-3">
            {target ? (
              <Link href={target} className="hover:underline">
                {entry.target}
              </Link>
            ) : (
              entry.target || '–'
            )}
          </span>
        </span>
        <span className="text-right text-ink-2 md:order-last">
          <Time at={entry.at} />
        </span>
        <span className="truncate max-md:col-start-2" title={entry.actor.id}>
          {entry.actor.name} <span className="text-ink-3">{entry.actor.kind}</span>
        </span>
        <span className="max-md:col-start-3 max-md:text-right">
          <Tag>{entry.door}</Tag>
        </span>
        <span className="max-md:col-start-2">
          <Status status={entry.outcome} quiet />
        </span>
      </div>
      {open ? (
        <div className="px-3 pb-3 pl-12">
          <pre
            tabIndex={0}
            aria-label={`Input of ${entry.action}`}
            className="max-h-72 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
          >
            {Object.keys(entry.detail).length ? JSON.stringify(entry.detail, null, 2) : 'No input.'}
          </pre>
          <p className="mt-1 text-xs text-ink-3">
            Request <span className="font-mono">{entry.requestId}</span>
          </p>
        </div>
      ) : null}
    </li>
  );
}
