'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Check, RadioCards } from '@/ui/field.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import type { Mesh } from './mesh-layout.tsx';
import { enrolConsequences } from './enrol-consequences.ts';
import type { NamespaceRow } from './namespaces.ts';

interface Props {
  mesh: Mesh;
  row: NamespaceRow;
  /** True: take the namespace out of the mesh. */
  out: boolean;
  onClose: () => void;
}

/** Shows what enrolling a namespace, or taking it out, does to its workloads, and starts it. */
export function EnrolDialog({ mesh, row, out, onClose }: Props) {
  const trpc = useTRPC();
  const router = useRouter();
  const [mode, setMode] = useState<'sidecar' | 'L4'>(mesh.profile === 'ambient' ? 'L4' : 'sidecar');
  const [restart, setRestart] = useState(true);
  const enrol = useMutation(
    trpc.mesh.enrol.mutationOptions({
      onSuccess: ({ operation }) => {
        onClose();
        router.push(paths.operation(operation.id));
      },
    }),
  );
  const wanted = out ? 'none' : mode;
  const restarts = out ? row.workloads.some((each) => each.mode === 'sidecar') : mode === 'sidecar';
  const input = {
    meshId: mesh.id,
    clusterId: row.clusterId,
    namespace: row.namespace,
    mode: wanted,
    restart: restarts ? restart : false,
  } as const;
  const touched = row.workloads.filter((each) =>
    out ? each.enrolled > 0 : each.enrolled < each.pods,
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      width="lg"
      title={
        out ? `Take ${row.namespace} out of ${mesh.name}` : `Enrol ${row.namespace} in ${mesh.name}`
      }
      description={`Namespace ${row.namespace} of cluster ${row.clusterName}`}
      footer={
        <>
          <CopyAs
            verb="mesh.enrol"
            input={input}
            kubectl={`kubectl get namespace ${row.namespace} --show-labels`}
          />
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={out ? 'danger' : 'primary'}
            busy={enrol.isPending}
            onClick={() => enrol.mutate(input)}
          >
            {out ? 'Take out' : 'Enrol namespace'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {out ? null : (
          <RadioCards
            legend="How"
            name="mode"
            value={mode}
            onChange={setMode}
            options={[
              {
                value: 'sidecar',
                title: 'Sidecar',
                text: 'A proxy joins every pod. L4 and L7 at once; pods restart.',
                disabledReason:
                  mesh.profile === 'sidecar' ? undefined : 'This mesh is ambient: use L4.',
              },
              {
                value: 'L4',
                title: 'L4 (ambient)',
                text: 'Mutual TLS by the proxy of the node. No restart.',
                disabledReason:
                  mesh.profile === 'ambient'
                    ? undefined
                    : 'Needs a mesh with the ambient profile; this one has sidecars.',
              },
            ]}
          />
        )}
        {restarts ? (
          <Check
            label={`Restart ${count(row.workloads.length, 'workload')} now`}
            help="Without a restart, pods change when they are next replaced."
            checked={restart}
            onChange={(event) => setRestart(event.target.checked)}
          />
        ) : null}
        <div>
          <h3 className="mb-1 font-medium">What happens</h3>
          <ul className="list-disc space-y-1 pl-5 text-ink-2">
            {enrolConsequences({ row, mesh, mode: wanted, restart: input.restart }).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
        {touched.length > 0 ? (
          <div>
            <h3 className="mb-1 font-medium">
              {out ? 'Lose their proxy' : 'Join the mesh'}: {count(touched.length, 'workload')}
            </h3>
            <ul className="max-h-44 divide-y divide-line overflow-auto rounded-lg border border-line">
              {touched.map((each) => (
                <li key={`${each.kind}${each.name}`} className="flex gap-3 px-3 py-1.5">
                  <span className="min-w-0 grow truncate">
                    {each.name} <span className="text-ink-3">{each.kind}</span>
                  </span>
                  <span className="tnum shrink-0 text-ink-3">{count(each.pods, 'pod')}</span>
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        <ErrorNote error={enrol.error} />
      </div>
    </Dialog>
  );
}
