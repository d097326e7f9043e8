'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { count, listWords, msText, rateText, shareText } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Section } from '@/ui/page.tsx';
import { Note } from '@/ui/states.tsx';
import { Tag } from '@/ui/status.tsx';

const head = 'px-4 py-2 font-medium';
const cell = 'tnum px-4 py-2 text-right whitespace-nowrap';

/** The versions of a service, with the share of its requests that each answers, and the subsets that name them. */
export function Versions(props: { meshId: string; namespace: string; name: string }) {
  const { meshId, namespace, name } = props;
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.service.versions.queryOptions({ meshId, namespace, name }),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });
  const items = query.data?.items ?? [];
  const missing = query.data?.undefinedSubsets ?? [];
  return (
    <Section title="Versions" text="Share of its requests that each answers now." bare>
      {missing.length > 0 ? (
        <div className="mb-3">
          <Note
            tone="warn"
            title={`${count(missing.length, 'subset selects', 'subsets select')} a version that no workload has`}
          >
            {listWords(missing, 'and')}: requests that are routed there are answered with 503.
          </Note>
        </div>
      ) : null}
      {items.length === 0 ? (
        <p className="card px-4 py-3 text-sm text-ink-3">
          {query.error
            ? 'They cannot be read now.'
            : query.data
              ? 'No workload of it is known.'
              : 'Reading them…'}
        </p>
      ) : (
        <div className="card overflow-x-auto">
          <table className="w-full text-sm">
            <thead className="text-left text-xs text-ink-3">
              <tr>
                <th className={head}>Version</th>
                <th className={head}>Workloads</th>
                <th className={`${head} text-right`}>Share</th>
                <th className={`${head} text-right`}>Rate</th>
                <th className={`${head} text-right`}>Errors</th>
                <th className={`${head} text-right`}>p95</th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {items.map((row) => (
                <tr key={row.version}>
                  <td className="px-4 py-2">
                    <span className="flex flex-wrap items-center gap-1.5">
                      {row.version || <span className="text-ink-3">no label</span>}
                      {row.subsets.map((subset) => (
                        <Tag key={subset}>subset {subset}</Tag>
                      ))}
                    </span>
                  </td>
                  <td className="px-4 py-2">
                    {row.workloads.length === 0 ? <span className="text-ink-3">none</span> : null}
                    {[...new Set(row.workloads.map((workload) => workload.name))].map(
                      (workload, at) => (
                        <span key={workload}>
                          {at > 0 ? ', ' : ''}
                          <Link
                            href={paths.workload(meshId, namespace, workload)}
                            className="hover:underline"
                          >
                            {workload}
                          </Link>
                        </span>
                      ),
                    )}
                  </td>
                  <td className={cell}>{row.share === null ? '–' : shareText(row.share)}</td>
                  <td className={cell}>{row.share === null ? '–' : rateText(row.rate)}</td>
                  <td className={cell}>
                    {row.errorShare === null ? '–' : shareText(row.errorShare)}
                  </td>
                  <td className={cell}>
                    {row.p95Ms === null
                      ? row.share === null
                        ? '–'
                        : 'not told'
                      : msText(row.p95Ms)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
