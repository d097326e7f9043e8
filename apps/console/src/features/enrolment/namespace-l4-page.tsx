'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { systemReason } from '@/features/meshes/namespaces.ts';
import { type Mesh, useMesh } from '@/features/meshes/mesh-layout.tsx';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Check, Field, Select } from '@/ui/field.tsx';
import { Empty, ErrorNote, Note } from '@/ui/states.tsx';
import { Listing } from '@/ui/table/listing.tsx';
import type { Column } from '@/ui/table/types.ts';
import { EnrolmentViews } from './views.tsx';

type Row = Outputs['ambient']['namespaces']['items'][number];

/** What each namespace takes and tells at L4: mTLS mode, access log, TCP metrics. */
export function NamespaceL4Page() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const [edited, setEdited] = useState<string | null>(null);
  const input = { meshId: mesh.id };
  const query = useQuery(trpc.ambient.namespaces.queryOptions(input));
  const row = query.data?.items.find(({ namespace }) => namespace === edited);
  return (
    <>
      <EnrolmentViews />
      <p className="mb-4 max-w-3xl text-ink-2">
        mTLS mode holds for every pod of a namespace. Access log and TCP metrics are those of its
        sidecars and waypoints: ztunnel takes no Telemetry, its metrics are always told, and its log
        is an option of the mesh.
      </p>
      <Listing
        name="namespace-l4"
        label="L4 by namespace"
        noun={['namespace', 'namespaces']}
        columns={columnsOf(setEdited)}
        list={query}
        rowKey={({ namespace }) => namespace}
        defaultSort="namespace"
        toolbar={<CopyAs verb="ambient.namespaces" input={input} />}
        empty={
          <Empty title="No namespaces are known yet">
            They appear here once the agents of this mesh’s clusters report.
          </Empty>
        }
      />
      {row ? <SettingsDialog mesh={mesh} row={row} onClose={() => setEdited(null)} /> : null}
    </>
  );
}

const own = { inherit: 'as the mesh', on: 'on', off: 'off' };

function columnsOf(edit: (namespace: string) => void): Column<Row>[] {
  return [
    {
      id: 'namespace',
      header: 'Namespace',
      value: (row) => row.namespace,
      cell: (row) => (
        <button
          type="button"
          className="max-w-full truncate text-left font-medium text-accent hover:underline"
          onClick={() => edit(row.namespace)}
        >
          {row.namespace}
        </button>
      ),
    },
    {
      id: 'mtls',
      header: 'mTLS',
      wrap: true,
      value: (row) => row.effective.mtls,
      cell: (row) => (
        <span className="flex flex-col">
          {row.effective.mtls}
          <span className="text-xs break-words text-ink-3">by {row.effective.by}</span>
        </span>
      ),
    },
    {
      id: 'plain',
      header: 'Plain text, last minute',
      hideBelow: 'md',
      wrap: true,
      value: (row) => row.plainFrom.join(', '),
      cell: (row) =>
        row.plainFrom.length > 0 ? (
          `from ${row.plainFrom.join(', ')}`
        ) : (
          <span className="text-ink-3">{row.measured ? 'none seen' : 'not measured'}</span>
        ),
    },
    {
      id: 'log',
      header: 'Access log',
      width: '120px',
      hideBelow: 'sm',
      value: (row) => own[row.accessLog],
    },
    {
      id: 'tcp',
      header: 'TCP metrics',
      width: '120px',
      hideBelow: 'sm',
      value: (row) => own[row.tcpMetrics],
    },
  ];
}

function SettingsDialog({ mesh, row, onClose }: { mesh: Mesh; row: Row; onClose: () => void }) {
  const trpc = useTRPC();
  const cache = useQueryClient();
  const refusal = useRefusal();
  const [mtls, setMtls] = useState(row.mtls);
  const [accessLog, setAccessLog] = useState(row.accessLog);
  const [tcpMetrics, setTcpMetrics] = useState(row.tcpMetrics);
  const [force, setForce] = useState(false);
  const cuts = mtls === 'STRICT' && row.mtls !== 'STRICT' && row.plainFrom.length > 0;
  const input = {
    meshId: mesh.id,
    namespace: row.namespace,
    mtls,
    accessLog,
    tcpMetrics,
    ...(cuts && force ? { force } : {}),
  };
  const configure = useMutation(
    trpc.ambient.configure.mutationOptions({
      onSuccess: () => {
        void cache.invalidateQueries({ queryKey: trpc.ambient.namespaces.queryKey() });
        onClose();
      },
    }),
  );
  const isSame = mtls === row.mtls && accessLog === row.accessLog && tcpMetrics === row.tcpMetrics;
  const switches = ['inherit', 'on', 'off'] as const;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`L4 of ${row.namespace}`}
      description={`${row.effective.mtls} holds by ${row.effective.by}`}
      footer={
        <>
          <CopyAs verb="ambient.configure" input={input} />
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={configure.isPending}
            disabledReason={
              refusal('mesh.write') ??
              systemReason(row.namespace) ??
              (isSame ? 'Nothing is changed yet.' : undefined) ??
              (cuts && !force ? 'STRICT would refuse clients that send now.' : undefined)
            }
            onClick={() => configure.mutate(input)}
          >
            Save
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field
          label="Mutual TLS"
          standard="inherit"
          help="STRICT refuses plain text; PERMISSIVE takes it too; inherit follows the mesh."
        >
          <Select value={mtls} onChange={(event) => setMtls(event.target.value as Row['mtls'])}>
            {(['inherit', 'PERMISSIVE', 'STRICT'] as const).map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
        </Field>
        {cuts ? (
          <Note tone="warn" title="Plain text was seen in the last minute">
            From {row.plainFrom.join(', ')}: STRICT refuses them.
            <Check
              label="Refuse them all the same"
              checked={force}
              onChange={(event) => setForce(event.target.checked)}
            />
          </Note>
        ) : null}
        <Field
          label="Access log"
          standard="inherit"
          help="Of sidecars and waypoints of the namespace."
        >
          <Select
            value={accessLog}
            onChange={(event) => setAccessLog(event.target.value as Row['accessLog'])}
          >
            {switches.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
        </Field>
        <Field
          label="TCP metrics"
          standard="inherit"
          help="Of sidecars and waypoints of the namespace."
        >
          <Select
            value={tcpMetrics}
            onChange={(event) => setTcpMetrics(event.target.value as Row['tcpMetrics'])}
          >
            {switches.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
        </Field>
        {row.others.length > 0 ? (
          <p className="text-sm text-ink-2">
            Set by others in this namespace:{' '}
            {row.others.map(({ kind, name }) => `${kind} ${name}`).join(', ')}. What they say is
            changed where they came from.
          </p>
        ) : null}
        <ErrorNote error={configure.error} />
      </div>
    </Dialog>
  );
}
