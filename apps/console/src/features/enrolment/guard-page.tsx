'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { paths } from '@/lib/paths.ts';
import { type Outputs, useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Code } from '@/ui/copy.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { RadioCards } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { Empty, ErrorNote, ErrorState, Skeleton } from '@/ui/states.tsx';
import { StatusIcon } from '@/ui/status.tsx';
import { EnrolmentViews } from './views.tsx';

type Guard = Outputs['guard']['get'];
type Proof = Guard['proofs'][number];

/** For each L7 policy: who passes a live waypoint, who is refused, and who goes past. */
export function GuardPage() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const cache = useQueryClient();
  const refusal = useRefusal();
  const input = { meshId: mesh.id };
  const options = trpc.guard.get.queryOptions(input);
  const query = useQuery(options);
  const update = useMutation(
    trpc.guard.update.mutationOptions({
      onSuccess: (guard) => cache.setQueryData(options.queryKey, guard),
    }),
  );
  const cannot = refusal('mesh.write');
  if (query.error && !query.data)
    return (
      <>
        <EnrolmentViews />
        <ErrorState error={query.error} what="the guard" onRetry={() => void query.refetch()} />
      </>
    );
  if (!query.data)
    return (
      <>
        <EnrolmentViews />
        <Skeleton lines={6} />
      </>
    );
  const { mode, sentence, proofs } = query.data;
  return (
    <>
      <EnrolmentViews />
      <p className="mb-4 text-base" aria-live="polite">
        {sentence}
      </p>
      <div className="mb-6">
        <RadioCards
          legend="What Ambit does about it"
          name="guard-mode"
          columns={3}
          value={mode}
          onChange={(next) => update.mutate({ ...input, mode: next })}
          options={modes.map((one) => ({ ...one, disabledReason: cannot }))}
        />
        <ErrorNote error={update.error} />
      </div>
      <p className="mb-6 max-w-prose text-sm text-ink-2">
        Routes (HTTPRoute, GRPCRoute) have no guard: a route says where a request goes, not who may
        send it. While no waypoint serves, requests go straight to the Service, and the route&apos;s
        matches, weights, retries and timeouts have no effect: the finding AMB0005 says so, and{' '}
        <Link href={paths.meshEnrolment(mesh.id)} className="underline">
          Who is in
        </Link>{' '}
        whether a waypoint serves. What a route leaves out is therefore not protected by it: that
        takes an AuthorizationPolicy, which is guarded.
      </p>
      <Section title="L7 policies" bare actions={<CopyAs verb="guard.get" input={input} />}>
        {proofs.length === 0 ? (
          <div className="card">
            <Empty title="No L7 policy is bound to a Service or waypoint">
              Once an AuthorizationPolicy or RequestAuthentication has targetRefs, it is proven here
              who can go past it.
            </Empty>
          </div>
        ) : (
          <ul className="flex flex-col gap-3">
            {proofs.map((proof) => (
              <ProofOf
                key={`${proof.clusterId}${proof.policy.namespace}${proof.policy.name}${proof.protects}`}
                proof={proof}
                severalClusters={mesh.clusters.length > 1}
              />
            ))}
          </ul>
        )}
      </Section>
    </>
  );
}

const modes: { value: Guard['mode']; title: string; text: string }[] = [
  {
    value: 'keep',
    title: 'Keep',
    text: 'Guards are written and kept for every Service with a waypoint, and a change that opens a hole is denied.',
  },
  {
    value: 'suggest',
    title: 'Suggest',
    text: 'Holes are shown here and as findings, each with the guard that closes it.',
  },
  { value: 'off', title: 'Off', text: 'Guards are left to you.' },
];

const looks = {
  through: 'ok',
  guarded: 'ok',
  named: 'warning',
  hole: 'error',
  none: 'none',
  unknown: 'unknown',
};
const stateWords = {
  through: 'through the waypoint',
  guarded: 'refused',
  named: 'let pass by name',
  hole: 'go past it',
  none: 'none',
  unknown: 'not known',
};
const clientWords = {
  ambient: 'Ambient clients',
  sidecar: 'Clients with sidecars',
  outside: 'Clients outside the mesh',
  ingress: 'Gateways',
};

function ProofOf({ proof, severalClusters }: { proof: Proof; severalClusters: boolean }) {
  const { policy, guard } = proof;
  return (
    <li className="card p-4">
      <header className="flex items-start gap-2">
        <span className="mt-0.5">
          <StatusIcon status={proof.hole ? 'error' : 'ok'} size={16} />
        </span>
        <div className="min-w-0">
          <h3 className="font-medium break-words">
            {policy.kind} {policy.namespace}/{policy.name}
          </h3>
          <p className="text-sm text-ink-2">
            {proof.message}
            {severalClusters ? ` (${proof.clusterName})` : ''}
          </p>
        </div>
      </header>
      <dl className="mt-2 divide-y divide-line text-sm">
        {proof.clients.map((client) => (
          <div key={client.kind} className="flex flex-wrap gap-x-4 gap-y-1 py-1.5">
            <dt className="w-48 shrink-0">{clientWords[client.kind]}</dt>
            <dd className="flex min-w-0 grow basis-60 items-start gap-2">
              <span className="mt-0.5">
                <StatusIcon status={looks[client.state]} />
              </span>
              <span className="min-w-0 break-words">
                {stateWords[client.state]}: <span className="text-ink-2">{client.why}</span>
                {client.who.length > 0 ? (
                  <span className="block text-xs text-ink-3">{client.who.join(', ')}</span>
                ) : null}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      {guard.manifest && guard.state !== 'present' ? (
        <details className="mt-2">
          <summary className="text-sm text-ink-2">The guard that closes it: {guard.name}</summary>
          <div className="mt-2">
            <Code code={guard.manifest} label="guard" />
          </div>
        </details>
      ) : null}
    </li>
  );
}
