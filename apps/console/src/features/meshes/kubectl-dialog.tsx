'use client';

import type { Role } from '@ambit/contracts/roles';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Code } from '@/ui/copy.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Field, Input, Select } from '@/ui/field.tsx';
import { ErrorNote, Note, Skeleton } from '@/ui/states.tsx';
import { Time } from '@/ui/time.tsx';
import { parseNamespaces } from '@/features/access/limit-draft.ts';
import { kubeconfigText, withToken } from './kubeconfig.ts';
import type { Mesh } from './mesh-layout.tsx';

/** A kubeconfig for the mesh's own Kubernetes API, with a token that reaches no further, and commands to begin with. */
export function KubectlDialog({ mesh, onClose }: { mesh: Mesh; onClose: () => void }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.mesh.kubeconfig.queryOptions({ meshId: mesh.id }));
  const create = useMutation(trpc.token.create.mutationOptions());
  const config = query.data;
  const file = `ambit-${mesh.name}.yaml`;
  const text =
    config && kubeconfigText(create.data ? withToken(config, create.data.secret) : config);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      width="lg"
      title={`Use kubectl with ${mesh.name}`}
      description="The mesh has a Kubernetes API of its own: kubectl, Helm, Argo CD and Flux write policies there, and the agents carry them into the clusters."
      footer={
        <>
          <CopyAs verb="mesh.kubeconfig" input={{ meshId: mesh.id }} />
          <Button
            variant="primary"
            icon={<Download size={14} aria-hidden="true" />}
            disabledReason={text ? undefined : 'The kubeconfig is on its way.'}
            onClick={() => text && download(file, text)}
          >
            Download {file}
          </Button>
        </>
      }
    >
      {query.error ? (
        <ErrorNote error={query.error} />
      ) : text ? (
        <div className="flex flex-col gap-4">
          {create.data ? (
            <Note tone="warn" title="Copy or download it now">
              The token in it is not shown again. It is a token of its own, “{create.data.name}”,
              and ends <Time at={create.data.expiresAt} />.
            </Note>
          ) : (
            <TokenForm
              mesh={mesh}
              busy={create.isPending}
              error={create.error}
              onCreate={create.mutate}
            />
          )}
          <Code code={text} label="kubeconfig" className="[&_pre]:max-h-52" />
          <Code
            label="first commands"
            code={[
              `kubectl --kubeconfig ${file} api-resources`,
              `kubectl --kubeconfig ${file} get virtualservices,httproutes -A`,
              `kubectl --kubeconfig ${file} apply -f policy.yaml`,
              `kubectl --kubeconfig ${file} auth can-i --list -n default`,
            ].join('\n')}
          />
        </div>
      ) : (
        <Skeleton lines={6} />
      )}
    </Dialog>
  );
}

interface TokenInput {
  name: string;
  role: Role;
  limits: { meshId: string; namespaces?: string[] }[];
}

function TokenForm(props: {
  mesh: Mesh;
  busy: boolean;
  error: unknown;
  onCreate: (input: TokenInput) => void;
}) {
  const { mesh } = props;
  const refused = useRefusal()('token.write');
  const [role, setRole] = useState<'operator' | 'viewer'>('operator');
  const [namespaces, setNamespaces] = useState('');
  const names = parseNamespaces(namespaces);
  const wrong = names.find((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name));
  const input: TokenInput = {
    name: `kubectl ${mesh.name}`,
    role,
    limits: [{ meshId: mesh.id, ...(names.length > 0 ? { namespaces: names } : {}) }],
  };
  return (
    <form
      className="flex flex-col gap-3"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!refused && wrong === undefined) props.onCreate(input);
      }}
    >
      <p className="text-ink-2">
        The file needs a token. One made here reaches the policies of this mesh and nothing else; or
        set one of yours in the file.
      </p>
      <div className="grid items-start gap-3 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]">
        <Field label="It may" help="Within this mesh; everything it writes is audited">
          <Select value={role} onChange={(event) => setRole(event.target.value as typeof role)}>
            <option value="operator">read and write policies</option>
            <option value="viewer">read policies</option>
          </Select>
        </Field>
        <Field
          label="In namespaces"
          standard="all"
          help="With commas between them"
          error={wrong === undefined ? undefined : `“${wrong}” is not the name of a namespace.`}
        >
          <Input
            value={namespaces}
            autoComplete="off"
            placeholder="all"
            onChange={(event) => setNamespaces(event.target.value)}
          />
        </Field>
        <div className="sm:pt-6">
          <Button type="submit" busy={props.busy} disabledReason={refused}>
            Put a token in
          </Button>
        </div>
      </div>
      <ErrorNote error={props.error} />
    </form>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
