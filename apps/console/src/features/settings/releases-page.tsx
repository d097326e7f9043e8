'use client';

import { useQuery } from '@tanstack/react-query';
import { PackageOpen } from 'lucide-react';
import { useState } from 'react';
import type { Outputs } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Facts, PageHeader } from '@/ui/page.tsx';
import { Empty } from '@/ui/states.tsx';
import { Status, Tag } from '@/ui/status.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { Time } from '@/ui/time.tsx';

type Release = Outputs['release']['list']['items'][number];

const range = (release: Release) => `${release.kubernetes.min} to ${release.kubernetes.max}`;

export function ReleasesPage() {
  const trpc = useTRPC();
  const [shown, setShown] = useState<Release | null>(null);
  const list = useQuery(trpc.release.list.queryOptions({}));
  const columns: Column<Release>[] = [
    {
      id: 'version',
      header: 'Istio',
      value: (row) => row.version,
      cell: (row) => (
        <button
          type="button"
          onClick={() => setShown(row)}
          className="tnum rounded font-medium hover:underline"
        >
          {row.version}
        </button>
      ),
    },
    {
      id: 'channel',
      header: 'Channel',
      width: '104px',
      value: (row) => row.channel,
      cell: (row) => <Tag>{row.channel}</Tag>,
    },
    {
      id: 'support',
      header: 'Support',
      width: '152px',
      hideBelow: 'sm',
      value: (row) => (row.supported ? 'supported' : 'ended'),
      cell: (row) =>
        row.supported ? (
          <Status status="Ready" quiet />
        ) : (
          <span className="inline-flex items-center gap-1.5 text-ink-2">
            <Status status="expired" quiet />
          </span>
        ),
    },
    { id: 'kubernetes', header: 'Kubernetes', width: '128px', hideBelow: 'sm', value: range },
    {
      id: 'eol',
      header: 'End of life',
      width: '128px',
      hideBelow: 'md',
      value: (row) => row.endOfLife,
      cell: (row) => <Time at={`${row.endOfLife}T00:00:00.000Z`} />,
    },
    {
      id: 'patches',
      header: 'Ambit patches',
      width: '124px',
      align: 'right',
      hideBelow: 'md',
      value: (row) => row.patches.length,
    },
    { id: 'meshes', header: 'Meshes', width: '88px', align: 'right', value: (row) => row.meshes },
    { id: 'source', header: 'Renderer', extra: true, value: (row) => row.source },
  ];
  return (
    <>
      <PageHeader
        title="Releases"
        lead="Istio versions that can be installed. Each is rendered by Istio’s own installer of that version."
        actions={<CopyAs verb="release.list" input={{}} />}
      />
      <Listing
        name="releases"
        label="Releases"
        noun={['release', 'releases']}
        columns={columns}
        list={list}
        skeletonRows={3}
        rowKey={(row) => row.version}
        defaultSort="-version"
        empty={
          <Empty
            icon={<PackageOpen size={18} aria-hidden="true" />}
            title="The catalogue holds no release"
          >
            Without one no mesh can be created. Whoever runs this installation can add releases to
            its catalogue.
          </Empty>
        }
      />
      {shown ? <ReleaseDialog release={shown} onClose={() => setShown(null)} /> : null}
    </>
  );
}

function ReleaseDialog({ release, onClose }: { release: Release; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Istio ${release.version}`}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div className="flex flex-col gap-4">
        <Facts
          items={[
            ['Channel', release.channel],
            ['Kubernetes', range(release)],
            ['End of life', release.endOfLife],
            ['Meshes', release.meshes],
          ]}
        />
        <div>
          <h3 className="text-xs text-ink-3">Renderer</h3>
          <p className="font-mono text-xs break-all">{release.source}</p>
        </div>
        <div>
          <h3 className="mb-1 font-medium">
            {release.patches.length
              ? 'Where it differs from Istio’s own release'
              : 'As Istio releases it, without any change'}
          </h3>
          <ul className="flex flex-col gap-2">
            {release.patches.map((patch) => (
              <li key={patch.name}>
                <span className="font-medium">{patch.name}</span>
                <span className="block text-ink-2">{patch.reason}</span>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </Dialog>
  );
}
