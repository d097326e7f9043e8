'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC, useTRPCClient } from '@/lib/trpc.tsx';
import { useAll } from '@/lib/use-all.ts';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Field, Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status, statusWord } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';
import { type Certificate, certificateStatus, certificateUse } from './words.ts';

const columns = (inMesh: boolean): Column<Certificate>[] => [
  {
    id: 'use',
    header: 'Used by',
    value: certificateUse,
    wrap: true,
  },
  { id: 'source', header: 'Kept in', hideBelow: 'md', value: (row) => row.source, wrap: true },
  ...(inMesh
    ? [
        {
          id: 'cluster',
          header: 'Cluster',
          hideBelow: 'lg',
          value: (row: Certificate) => row.clusterName,
        } as const,
      ]
    : []),
  {
    id: 'issuer',
    header: 'Issued by',
    hideBelow: 'xl',
    value: (row) => (row.issuer === row.subject && row.issuer ? 'itself' : row.issuer),
    wrap: true,
  },
  { id: 'subject', header: 'Subject', extra: true, value: (row) => row.subject },
  { id: 'notBefore', header: 'Valid since', extra: true, value: (row) => row.notBefore },
  {
    id: 'notAfter',
    header: 'Ends',
    width: '130px',
    value: (row) => row.notAfter,
    cell: (row) => <Time at={row.notAfter} />,
  },
  {
    id: 'state',
    header: 'Status',
    width: '130px',
    value: (row) => statusWord(certificateStatus(row)),
    cell: (row) => <Status status={certificateStatus(row)} quiet />,
  },
];
const ofMesh = columns(true);
const ofCluster = columns(false);

/** Certificates that a mesh or a cluster lives by, the first to end first. */
export function Certificates({ meshId, clusterId }: { meshId?: string; clusterId?: string }) {
  const client = useTRPCClient();
  const input = { ...(meshId ? { meshId } : {}), ...(clusterId ? { clusterId } : {}) };
  const list = useAll(['certificate', 'list'], input, (page) =>
    client.certificate.list.query({ ...page, ...input }),
  );
  return (
    <Section
      title="Certificates"
      bare
      className="scroll-mt-4"
      text="Of the mesh’s own CA, and of the Secrets that Gateways and rules name, as the agents tell them. Keys stay in the clusters."
      actions={
        <div className="flex flex-wrap items-end gap-2">
          {meshId ? <TellBefore meshId={meshId} /> : null}
          <CopyAs verb="certificate.list" input={input} />
        </div>
      }
    >
      <div id="certificates">
        <Listing
          list={list}
          name="certificates"
          label="Certificates"
          urlPrefix="certificate"
          noun={['certificate', 'certificates']}
          columns={meshId ? ofMesh : ofCluster}
          rowKey={(row) => row.id}
          defaultSort="notAfter"
          skeletonRows={2}
          empty={
            <Empty title="No certificates are told yet">
              They appear once a control plane runs in the cluster and its agent may read them.
              Update an older agent and its rights with a new join command.
            </Empty>
          }
        />
      </div>
    </Section>
  );
}

const choices = [7, 14, 30, 60, 90, 180, 365];

/** How long before its end a certificate becomes a finding. */
function TellBefore({ meshId }: { meshId: string }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const refused = useRefusal()('finding.write');
  const asked = trpc.diagnosis.get.queryOptions({ meshId });
  const days = useQuery(asked).data?.certificateDays;
  const update = useMutation(
    trpc.diagnosis.update.mutationOptions({
      onSuccess: (answer) => {
        cache.setQueryData(asked.queryKey, answer);
        notify.done(`Told ${answer.certificateDays} days before the end`);
      },
      onError: (error) => notify.failed('Could not change it', error),
    }),
  );
  const all = days === undefined || choices.includes(days) ? choices : [...choices, days];
  return (
    <Field label="A finding before the end">
      <Select
        value={days ?? ''}
        title={refused}
        disabled={Boolean(refused) || days === undefined || update.isPending}
        onChange={(event) => update.mutate({ meshId, certificateDays: Number(event.target.value) })}
      >
        {all.map((each) => (
          <option key={each} value={each}>
            {each} days
          </option>
        ))}
      </Select>
    </Field>
  );
}
