'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { useDebounced } from '@/lib/use-debounced.ts';
import { Check, Field, Input, Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';

interface Place {
  clusterId: string;
  clusterName?: string;
  namespace: string;
  pod: string;
}

interface Props {
  meshId: string;
  /** Proxies to choose among; the first is read. */
  places: readonly Place[];
}

const lineCounts = [100, 300, 1000] as const;
/** In Istio's own format of access logs, and in its JSON: an answer 4xx or 5xx, or none. */
const isFailure = (text: string): boolean =>
  /" ([45]\d\d|0) |"response_code":\s*"?([45]\d\d|0)\b/.test(text);

/** The newest lines of a proxy, narrowed by words; read again every ten seconds while it is looked at. */
export function LogTail({ meshId, places }: Props) {
  const trpc = useTRPC();
  const [chosen, setChosen] = useState('');
  const [filter, setFilter] = useState('');
  const [failures, setFailures] = useState(false);
  const [lines, setLines] = useState<number>(100);
  const settled = useDebounced(filter, 300);
  const place = places.find((each) => keyOf(each) === chosen) ?? places[0];
  const logs = useQuery({
    ...trpc.proxy.logs.queryOptions({
      meshId,
      clusterId: place?.clusterId ?? '',
      namespace: place?.namespace ?? '',
      pod: place?.pod ?? '',
      filter: settled,
      lines,
    }),
    enabled: place !== undefined,
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  });
  const shown = (logs.data?.items ?? []).filter(({ text }) => !failures || isFailure(text));
  return (
    <Section title="Log" text="The newest lines; credentials are masked in the cluster." bare>
      {place === undefined ? (
        <p className="card px-4 py-3 text-sm text-ink-3">There is no proxy to read from.</p>
      ) : (
        <div className="card">
          <div className="grid gap-3 border-b border-line p-3 sm:grid-cols-[minmax(0,2fr)_minmax(0,2fr)_minmax(0,1fr)_6rem]">
            {places.length > 1 ? (
              <Field label="Proxy">
                <Select value={keyOf(place)} onChange={(event) => setChosen(event.target.value)}>
                  {places.map((each) => (
                    <option key={keyOf(each)} value={keyOf(each)}>
                      {each.pod} {each.clusterName ? `on ${each.clusterName}` : ''}
                    </option>
                  ))}
                </Select>
              </Field>
            ) : null}
            <Field label="Contains" className={places.length > 1 ? '' : 'sm:col-span-2'}>
              <Input
                value={filter}
                placeholder="words, all of them: POST 503"
                onChange={(event) => setFilter(event.target.value)}
              />
            </Field>
            <div className="flex items-end pb-1.5">
              <Check
                label="Failures only"
                checked={failures}
                onChange={(event) => setFailures(event.target.checked)}
              />
            </div>
            <Field label="Lines">
              <Select value={lines} onChange={(event) => setLines(Number(event.target.value))}>
                {lineCounts.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </Select>
            </Field>
          </div>
          {logs.error && !logs.data ? (
            <ErrorState error={logs.error} what="its log" onRetry={() => void logs.refetch()} />
          ) : logs.data ? (
            <pre
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
              tabIndex={0}
              aria-label="Log of the proxy"
              className="max-h-80 overflow-auto p-3 text-xs whitespace-pre-wrap"
            >
              {shown.map(({ text }) => text).join('\n') ||
                (failures && logs.data.items.length > 0
                  ? `None of these ${logs.data.items.length} lines is of a request that failed.`
                  : settled
                    ? `No line contains ${settled}.`
                    : 'No lines. Access logs are written where the mesh has them on: its option “Access log”, or a Telemetry with accessLogging.')}
            </pre>
          ) : (
            <div className="p-3">
              <Skeleton lines={4} />
            </div>
          )}
        </div>
      )}
    </Section>
  );
}

const keyOf = ({ clusterId, namespace, pod }: Place): string => `${clusterId}/${namespace}/${pod}`;
