'use client';

import { configResources } from '@ambit/contracts/agent/reads';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { useState } from 'react';
import { count } from '@/lib/format.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Field, Input, Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { Tag } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import { YamlSides } from '@/ui/yaml.tsx';
import type { ProxyPlace } from './asked-routes.tsx';

interface Props {
  meshId: string;
  place: ProxyPlace;
  /** Undefined when nobody tells what it is: as of an Envoy. */
  kind: string | undefined;
  /** It is still asked what it is. */
  isAsked: boolean;
  /** Those that it can be compared with. */
  others: readonly { namespace: string; pod: string }[];
}

const words = { onlyHere: 'only here', onlyThere: 'only there', differs: 'differs' };
const shownAtMost = 200;
const json = (value: unknown): string => JSON.stringify(value, null, 2) ?? '';

/** What a proxy runs with, read from itself now; searched, and compared with another one of its cluster and kind. */
export function ProxyConfig({ meshId, place, kind, isAsked, others }: Props) {
  const trpc = useTRPC();
  const resources = configResources.filter((each) => (each === 'ztunnel') === (kind === 'ztunnel'));
  const [chosen, setResource] = useQueryState('resource', parseAsStringLiteral(configResources));
  const [search, setSearch] = useQueryState('search', parseAsString.withDefault(''));
  const [against, setAgainst] = useQueryState('against', parseAsString.withDefault(''));
  const resource = chosen && resources.includes(chosen) ? chosen : resources[0]!;
  const config = useQuery({
    ...trpc.proxy.config.queryOptions({
      meshId,
      ...place,
      resource,
      ...(against ? { against } : {}),
    }),
    enabled: !isAsked,
    placeholderData: keepPreviousData,
  });
  const change = new Map(config.data?.differences.map((each) => [each.name, each.change]));
  const wanted = search.toLowerCase();
  const fits = (entry: { name: string }): boolean =>
    !wanted || JSON.stringify(entry).toLowerCase().includes(wanted);
  const here = config.data?.proxy.entries ?? [];
  const there = config.data?.against?.entries ?? [];
  const configThere = new Map(there.map((entry) => [entry.name, entry.config]));
  const found = here.filter((entry) => (!against || change.has(entry.name)) && fits(entry));
  const missing = there.filter((entry) => change.get(entry.name) === 'onlyThere' && fits(entry));
  const shown = [...found, ...missing];
  return (
    <Section
      title="Configuration"
      text={
        config.data ? (
          <>
            As the proxy itself told it <Time at={config.data.proxy.readAt} />, through the agent:{' '}
            {count(here.length, 'entry', 'entries')}
            {against
              ? `, of which ${config.data.differences.length} are not alike there`
              : search
                ? `, ${found.length} with that`
                : ''}
            .
          </>
        ) : (
          'As the proxy itself tells it now, through the agent.'
        )
      }
      bare
    >
      <div className="mb-3 grid gap-3 sm:grid-cols-3">
        <Field label="Type">
          <Select
            value={resource}
            onChange={(event) =>
              void setResource(event.target.value as (typeof configResources)[number])
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
          <Select value={against} onChange={(event) => void setAgainst(event.target.value || null)}>
            <option value="">nothing</option>
            {others.map((each) => (
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
        <div className="card divide-y divide-line" aria-busy={config.isPlaceholderData}>
          {shown.length === 0 ? (
            <p className="px-4 py-3 text-sm text-ink-3">
              {search
                ? `Nothing has ${search} in it.`
                : against
                  ? 'Both are the same.'
                  : 'It has none of these.'}
            </p>
          ) : null}
          {shown.slice(0, shownAtMost).map((entry) => (
            <Entry
              key={entry.name}
              entry={entry}
              change={against ? change.get(entry.name) : undefined}
              pods={[place.pod, against]}
              other={configThere.get(entry.name)}
            />
          ))}
          {shown.length > shownAtMost ? (
            <p className="px-4 py-2 text-sm text-ink-3">
              {shown.length - shownAtMost} more; narrow the search.
            </p>
          ) : null}
        </div>
      ) : (
        <Skeleton lines={6} />
      )}
    </Section>
  );
}

interface EntryProps {
  entry: { name: string; summary: string; config?: unknown };
  change: keyof typeof words | undefined;
  pods: readonly [string, string];
  other: unknown;
}

/** One entry of the configuration; its text is made when it is opened, since there may be thousands. */
function Entry({ entry, change, pods, other }: EntryProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="px-4 py-2 text-sm" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer break-all">
        <span className="font-medium">{entry.name}</span>{' '}
        <span className="text-ink-3">{entry.summary}</span>{' '}
        {change ? <Tag>{words[change]}</Tag> : null}
      </summary>
      {isOpen ? (
        <div className="mt-2">
          {change === 'differs' ? (
            <YamlSides
              left={{ text: json(entry.config), label: `${pods[0]} ${entry.name}` }}
              right={{ text: json(other), label: `${pods[1]} ${entry.name}` }}
            />
          ) : (
            <pre
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
              tabIndex={0}
              aria-label={`${change === 'onlyThere' ? pods[1] : pods[0]} ${entry.name}`}
              className="max-h-96 overflow-auto rounded-md bg-sunken p-3 text-xs"
            >
              {json(entry.config)}
            </pre>
          )}
        </div>
      ) : null}
    </details>
  );
}
