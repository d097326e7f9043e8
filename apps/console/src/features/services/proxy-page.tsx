'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Field, Input, Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Tag } from '@/ui/status.tsx';
import { Events } from './events.tsx';
import { LogTail } from './log-tail.tsx';

const resources = ['clusters', 'listeners', 'routes', 'endpoints'] as const;
const words = { onlyHere: 'only here', onlyThere: 'only there', differs: 'differs' };
const shownAtMost = 200;

/** What a proxy runs with, read from itself now; searched, and compared with another one of its cluster. */
export function ProxyPage(props: { clusterId: string; namespace: string; pod: string }) {
  const { clusterId, namespace, pod } = props;
  const mesh = useMesh();
  const trpc = useTRPC();
  const [resource, setResource] = useQueryState(
    'resource',
    parseAsStringLiteral(resources).withDefault('clusters'),
  );
  const [search, setSearch] = useQueryState('search', parseAsString.withDefault(''));
  const [against, setAgainst] = useQueryState('against', parseAsString.withDefault(''));
  const others = useQuery(
    trpc.proxy.list.queryOptions({ meshId: mesh.id, clusterId, limit: 500 }),
  ).data?.items.filter((each) => each.pod !== pod || each.namespace !== namespace);
  const input = { meshId: mesh.id, clusterId, namespace, pod };
  const config = useQuery({
    ...trpc.proxy.config.queryOptions({ ...input, resource, ...(against ? { against } : {}) }),
    placeholderData: keepPreviousData,
  });
  const change = new Map(config.data?.differences.map((each) => [each.name, each.change]));
  const wanted = search.toLowerCase();
  const found = (config.data?.proxy.entries ?? []).filter(
    (entry) =>
      (!against || change.has(entry.name)) &&
      (!wanted || JSON.stringify(entry).toLowerCase().includes(wanted)),
  );
  const onlyThere = (config.data?.differences ?? []).filter((each) => each.change === 'onlyThere');
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="text-lg font-semibold break-all">
            {namespace}/{pod}
          </h2>
          <p className="text-ink-2">
            Configuration as the proxy itself tells it now, through the agent.
          </p>
        </div>
        <CopyAs verb="proxy.config" input={{ ...input, resource }} />
      </div>
      <Section title="Configuration" bare>
        <div className="mb-3 grid gap-3 sm:grid-cols-3">
          <Field label="Type">
            <Select
              value={resource}
              onChange={(event) =>
                void setResource(event.target.value as (typeof resources)[number])
              }
            >
              {resources.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </Select>
          </Field>
          <Field label="Search">
            <Input
              value={search}
              placeholder="a host, a port, a name"
              onChange={(event) => void setSearch(event.target.value || null)}
            />
          </Field>
          <Field label="Compare with">
            <Select
              value={against}
              onChange={(event) => void setAgainst(event.target.value || null)}
            >
              <option value="">nothing</option>
              {(others ?? []).map((each) => (
                <option key={`${each.namespace}/${each.pod}`}>
                  {each.namespace}/{each.pod}
                </option>
              ))}
            </Select>
          </Field>
        </div>
        {config.error && !config.data ? (
          <div className="card">
            <ErrorState
              error={config.error}
              what="its configuration"
              onRetry={() => void config.refetch()}
            />
          </div>
        ) : config.data ? (
          <div className="card divide-y divide-line">
            {found.length + onlyThere.length === 0 ? (
              <p className="px-4 py-3 text-sm text-ink-3">
                {against ? 'Both are the same.' : 'Nothing is found.'}
              </p>
            ) : null}
            {found.slice(0, shownAtMost).map((entry) => (
              <details key={entry.name} className="px-4 py-2 text-sm">
                <summary className="cursor-pointer break-all">
                  <span className="font-medium">{entry.name}</span>{' '}
                  <span className="text-ink-3">{entry.summary}</span>{' '}
                  {against && change.has(entry.name) ? (
                    <Tag>{words[change.get(entry.name)!]}</Tag>
                  ) : null}
                </summary>
                <div className={against ? 'mt-2 grid gap-3 lg:grid-cols-2' : 'mt-2'}>
                  <Json value={entry.config} label={`${pod} ${entry.name}`} />
                  {against ? (
                    <Json
                      label={`${against} ${entry.name}`}
                      value={
                        config.data.against?.entries.find(({ name }) => name === entry.name)
                          ?.config ?? null
                      }
                    />
                  ) : null}
                </div>
              </details>
            ))}
            {onlyThere.map((each) => (
              <p key={each.name} className="px-4 py-2 text-sm break-all">
                {each.name} <Tag>only there</Tag>
              </p>
            ))}
            {found.length > shownAtMost ? (
              <p className="px-4 py-2 text-sm text-ink-3">
                {found.length - shownAtMost} more; narrow the search.
              </p>
            ) : null}
          </div>
        ) : (
          <Skeleton lines={6} />
        )}
      </Section>
      <LogTail meshId={mesh.id} places={[{ clusterId, namespace, pod }]} />
      <Events meshId={mesh.id} of={[{ clusterId, kind: 'Pod', namespace, name: pod }]} />
    </div>
  );
}

function Json({ value, label }: { value: unknown; label: string }) {
  return (
    <pre
      tabIndex={0}
      aria-label={label}
      className="max-h-96 overflow-auto rounded-md bg-sunken p-3 text-xs"
    >
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
