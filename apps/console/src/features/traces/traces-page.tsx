'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Route } from 'lucide-react';
import Link from 'next/link';
import {
  parseAsBoolean,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
  useQueryState,
} from 'nuqs';
import { useId } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useDebounced } from '@/lib/use-debounced.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Check, Field, Input, Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { Empty, ErrorState, Note, Skeleton } from '@/ui/states.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { FailedSpans } from './marks.tsx';
import { spanText } from './waterfall.ts';

type Trace = Outputs['trace']['list']['items'][number];
type Source = Outputs['trace']['list']['sources'][number];

const spans = ['15m', '1h', '6h', '24h'] as const;
const spanMs = { '15m': 900_000, '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000 } as const;
const limit = 100;
const before = (ms: number, span: keyof typeof spanMs): string =>
  new Date(ms - spanMs[span]).toISOString();

/** Traces of a service of the mesh: how long they took, and which failed. */
export function TracesPage() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const listId = useId();
  const [wanted, setWanted] = useQueryState('service', parseAsString.withDefault(''));
  const [span, setSpan] = useQueryState('span', parseAsStringLiteral(spans).withDefault('1h'));
  const [minMs, setMinMs] = useQueryState('min', parseAsInteger);
  const [failed, setFailed] = useQueryState('failed', parseAsBoolean.withDefault(false));
  const names = useQuery(trpc.trace.services.queryOptions({ meshId: mesh.id }));
  const service = useDebounced(wanted || (names.data?.items[0] ?? ''), 300);
  const filters = { service, span, minMs: useDebounced(minMs, 300), failed };
  const input = {
    meshId: mesh.id,
    service,
    limit,
    failed: failed ? ('true' as const) : ('false' as const),
    ...(filters.minMs ? { minDurationMs: filters.minMs } : {}),
  };
  const query = useQuery({
    queryKey: [['trace', 'list'], { input: { meshId: mesh.id, ...filters }, type: 'span' }],
    enabled: service !== '',
    queryFn: () => client.trace.list.query({ ...input, from: before(Date.now(), span) }),
    placeholderData: keepPreviousData,
  });
  if (names.error && !names.data) {
    return (
      <div className="card">
        <ErrorState error={names.error} what="traces" onRetry={() => void names.refetch()} />
      </div>
    );
  }
  if (!names.data) return <Skeleton lines={8} />;
  if (names.data.sources.length === 0) return <NotConnected meshId={mesh.id} />;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Service" className="min-w-0 grow basis-56">
          <Input
            list={listId}
            value={wanted}
            placeholder={names.data.items[0] ?? 'cart.shop'}
            onChange={(event) => void setWanted(event.target.value || null)}
          />
        </Field>
        <datalist id={listId}>
          {names.data.items.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </datalist>
        <Field label="At least, in ms" className="w-32">
          <Input
            inputMode="numeric"
            value={minMs ?? ''}
            placeholder="0"
            onChange={(event) => {
              const number = Number.parseInt(event.target.value, 10);
              void setMinMs(number > 0 ? number : null);
            }}
          />
        </Field>
        <Field label="Time span" className="w-36">
          <Select
            value={span}
            onChange={(event) => void setSpan(event.target.value as (typeof spans)[number])}
          >
            {spans.map((each) => (
              <option key={each} value={each}>
                last {each.replace('m', ' min').replace('h', ' h')}
              </option>
            ))}
          </Select>
        </Field>
        <div className="flex h-8 items-center">
          <Check
            label="With errors only"
            checked={failed}
            onChange={(event) => void setFailed(event.target.checked || null)}
          />
        </div>
        <CopyAs
          verb="trace.list"
          input={{
            ...input,
            ...(query.dataUpdatedAt > 0 ? { from: before(query.dataUpdatedAt, span) } : {}),
          }}
        />
      </div>
      <SourceNotes sources={query.data?.sources ?? names.data.sources} />
      {service === '' && names.data.items.length === 0 ? (
        <div className="card">
          <Empty icon={<Route size={18} aria-hidden="true" />} title="No service is traced yet">
            The servers answer, and know no service. Proxies send spans when the mesh has a tracing
            provider and a Telemetry that uses it; “Tracing sample” in the settings of the mesh says
            how many requests.
          </Empty>
        </div>
      ) : (
        <Listing
          list={query}
          name="traces"
          label={`Traces of ${service}`}
          noun={['trace', 'traces']}
          columns={columnsOf(mesh.id, query.data?.items ?? [])}
          rowKey={(row) => `${row.integrationId}/${row.traceId}`}
          href={(row) => paths.trace(mesh.id, row.traceId)}
          empty={
            <Empty icon={<Route size={18} aria-hidden="true" />} title="No trace is found">
              Of {service} none is known in this time that fits. Take a longer span, or fewer
              conditions; only some requests are traced (1 % unless the settings of the mesh say
              otherwise).
            </Empty>
          }
        />
      )}
      {query.data && query.data.items.length >= limit ? (
        <p className="text-sm text-ink-3">
          These are the {limit} newest. Narrow the time or the duration to see others.
        </p>
      ) : null}
    </div>
  );
}

function columnsOf(meshId: string, rows: readonly Trace[]): Column<Trace>[] {
  const longest = rows.reduce((most, { durationMs }) => Math.max(most, durationMs), 0);
  return [
    {
      id: 'operation',
      header: 'Begins with',
      value: (row) => `${row.service} ${row.operation}`,
      cell: (row) => (
        <Link href={paths.trace(meshId, row.traceId)} className="block truncate hover:underline">
          <span className="font-medium">{row.service}</span>{' '}
          <span className="text-ink-2">{row.operation}</span>
        </Link>
      ),
    },
    {
      id: 'duration',
      header: 'Duration',
      width: '120px',
      value: (row) => row.durationMs,
      cell: (row) => (
        <span className="flex items-center gap-2">
          <span className="tnum w-16 shrink-0 text-right">{spanText(row.durationMs)}</span>
          <span aria-hidden="true" className="h-1.5 min-w-0 grow rounded-full bg-sunken">
            <span
              className="block h-full rounded-full bg-accent"
              style={{ width: `${longest > 0 ? (row.durationMs / longest) * 100 : 0}%` }}
            />
          </span>
        </span>
      ),
    },
    {
      id: 'errors',
      header: 'Errors',
      width: '96px',
      value: (row) => row.errors,
      cell: (row) => <FailedSpans count={row.errors} />,
    },
    {
      id: 'spans',
      header: 'Spans',
      width: '76px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.spans,
      cell: (row) => <span className="tnum">{row.spans ?? 'not told'}</span>,
    },
    {
      id: 'services',
      header: 'Services',
      hideBelow: 'lg',
      value: (row) => row.services.join(', '),
    },
    {
      id: 'started',
      header: 'Began',
      width: '104px',
      align: 'right',
      hideBelow: 'sm',
      value: (row) => row.startedAt,
      cell: (row) => <Time at={row.startedAt} />,
    },
    { id: 'id', header: 'Trace id', extra: true, value: (row) => row.traceId },
  ];
}

function SourceNotes({ sources }: { sources: readonly Source[] }) {
  const failed = sources.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return null;
  return (
    <Note
      tone="warn"
      title={
        failed.length === sources.length
          ? 'No server of traces answers'
          : `${failed.map(({ name }) => name).join(', ')} does not answer`
      }
      action={
        <ButtonLink size="sm" href={paths.integrations()}>
          Integrations
        </ButtonLink>
      }
    >
      {failed.map(({ name, problem }) => `${name}: ${problem}`).join(' ')}
    </Note>
  );
}

function NotConnected({ meshId }: { meshId: string }) {
  return (
    <Section title="Traces" bare>
      <div className="card">
        <Empty
          icon={<Route size={18} aria-hidden="true" />}
          title="No server of traces is connected"
          action={
            <ButtonLink variant="primary" href={paths.integrations()}>
              Connect Jaeger, Tempo or Zipkin
            </ButtonLink>
          }
          command={`npx ambit integration create --kind jaeger --name traces --mesh-id ${meshId} --address https://jaeger.example`}
        >
          Traces show where in a request the time went, and where it failed. They stay where they
          are: Ambit reads them from the server that your proxies send them to, from here or through
          the agent of its cluster.
        </Empty>
      </div>
    </Section>
  );
}
