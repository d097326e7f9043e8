'use client';

import { type ClusterAdmission, clusterAdmissions } from '@ambit/contracts/agent/admission';
import { type RuleMode, ruleModes } from '@ambit/contracts/findings';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { Field, Input, Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorState, Skeleton } from '@/ui/states.tsx';
import { StatusIcon } from '@/ui/status.tsx';
import { notify } from '@/ui/toast.ts';

const words: Record<RuleMode, string> = {
  deny: 'Deny: the write is refused',
  warn: 'Warn: it is stored, with a warning',
  off: 'Off: nothing is said',
};

const clusterWords: Record<ClusterAdmission, string> = {
  off: 'Off: only writes through Ambit are asked about',
  warn: 'Warn: told to whoever writes there, nothing is refused',
  deny: 'As the rules say: deny and warn',
};

/** Whether the rules hold for what is applied in the member clusters directly. */
function ClusterSwitch({ meshId, refused }: { meshId: string; refused: string | undefined }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const asked = trpc.clusterAdmission.get.queryOptions({ meshId });
  const { data } = useQuery(asked);
  const update = useMutation(
    trpc.clusterAdmission.update.mutationOptions({
      onSuccess: (answer) => {
        cache.setQueryData(asked.queryKey, answer);
        notify.done(`Writes in the clusters: ${answer.mode}`);
      },
      onError: (error) => notify.failed('Could not change it', error),
    }),
  );
  return (
    <Field
      label="Writes in the clusters themselves"
      help="The agents serve a webhook; without an answer within a second a write passes"
    >
      <Select
        value={data?.mode ?? 'off'}
        disabled={Boolean(refused) || !data || update.isPending}
        onChange={(event) =>
          update.mutate({ meshId, mode: event.target.value as ClusterAdmission })
        }
      >
        {clusterAdmissions.map((mode) => (
          <option key={mode} value={mode}>
            {clusterWords[mode]}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** What admission does about each rule: console, REST and kubectl alike. */
export function RuleSettings() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const client = useTRPCClient();
  const refused = useRefusal()('finding.write');
  const [filter, setFilter] = useState('');
  const list = useAll(['ruleSetting', 'list'], { meshId: mesh.id }, (page) =>
    client.ruleSetting.list.query(page),
  );
  const update = useMutation(
    trpc.ruleSetting.update.mutationOptions({
      onSuccess: (setting) =>
        notify.done(`${setting.code === '*' ? 'All rules' : setting.code}: ${setting.mode}`),
      onError: (error) => notify.failed('Could not change it', error),
    }),
  );
  const set = (code: string, mode: string) =>
    update.mutate({ meshId: mesh.id, code, mode: mode as RuleMode | 'default' });
  const shown = (list.data?.items ?? []).filter(({ code, title }) =>
    `${code} ${title}`.toLowerCase().includes(filter.toLowerCase()),
  );
  return (
    <Section
      title="Admission"
      text="What happens to a write that introduces a finding, through every door. What is there already never counts."
      className="scroll-mt-4"
    >
      {list.error && !list.data ? (
        <ErrorState error={list.error} what="the rules" onRetry={() => void list.refetch()} />
      ) : !list.data ? (
        <Skeleton lines={4} />
      ) : (
        <div className="flex flex-col gap-3">
          <div className="grid gap-3 sm:grid-cols-2">
            <Field
              label="Every rule without a setting of its own"
              help="By default errors and warnings are told, hints are not"
            >
              <Select
                value=""
                disabled={Boolean(refused)}
                onChange={(event) => event.target.value && set('*', event.target.value)}
              >
                <option value="">Change to…</option>
                {ruleModes.map((mode) => (
                  <option key={mode} value={mode}>
                    {words[mode]}
                  </option>
                ))}
                <option value="default">By severity</option>
              </Select>
            </Field>
            <ClusterSwitch meshId={mesh.id} refused={refused} />
            <Field label="Find a rule" help="By code or words">
              <Input
                type="search"
                value={filter}
                placeholder="IST0101"
                onChange={(event) => setFilter(event.target.value)}
              />
            </Field>
          </div>
          <ul
            tabIndex={0}
            aria-label="Rules"
            className="max-h-96 divide-y divide-line overflow-auto rounded-lg border border-line"
          >
            {shown.map((setting) => (
              <li key={setting.code} className="flex items-center gap-3 px-3 py-1.5">
                <StatusIcon status={setting.severity} />
                <span className="min-w-0 grow">
                  <Link
                    href={paths.rule(setting.code)}
                    className="block truncate font-medium hover:underline"
                  >
                    {setting.title}
                  </Link>
                  <span className="block truncate text-xs text-ink-3">
                    {setting.code}
                    {setting.isDefault ? '' : ` · set by ${setting.updatedBy}`}
                  </span>
                </span>
                <Select
                  aria-label={`Mode of ${setting.code}`}
                  value={setting.isDefault ? 'default' : setting.mode}
                  disabled={Boolean(refused)}
                  onChange={(event) => set(setting.code, event.target.value)}
                  className="max-w-36 shrink-0"
                >
                  <option value="default">
                    Default{setting.isDefault ? ` (${setting.mode})` : ''}
                  </option>
                  {ruleModes.map((mode) => (
                    <option key={mode} value={mode}>
                      {mode}
                    </option>
                  ))}
                </Select>
              </li>
            ))}
          </ul>
          {refused ? <p className="text-xs text-ink-3">{refused}</p> : null}
        </div>
      )}
    </Section>
  );
}
