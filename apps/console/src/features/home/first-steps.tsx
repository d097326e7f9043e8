'use client';

import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useSetup } from '@/lib/setup.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { Code } from '@/ui/copy.tsx';
import { cn } from '@/lib/cn.ts';
import { StatusIcon } from '@/ui/status.tsx';

interface Props {
  clusters: number;
  connected: number;
  /** First mesh, if there is one. */
  meshId: string | null;
  enrolled: number;
}

/** The way from nothing to a mesh in use, with the step that is next opened. */
export function FirstSteps({ clusters, connected, meshId, enrolled }: Props) {
  const refusal = useRefusal();
  const setup = useSetup();
  const lab = setup.data?.lab;
  const steps = [
    {
      title: 'Join a cluster',
      done: connected > 0,
      text:
        clusters > 0 && connected === 0
          ? 'A cluster is waiting for its agent: run its join command against it.'
          : 'One command installs an agent in a Kubernetes cluster. The agent connects outwards only, so nothing has to be opened.',
      action:
        clusters > 0 ? (
          <ButtonLink href={paths.clusters()} variant="primary">
            See the clusters
          </ButtonLink>
        ) : (
          <ButtonLink
            href={paths.clusterJoin()}
            variant="primary"
            disabledReason={refusal('cluster.write')}
          >
            Join cluster
          </ButtonLink>
        ),
    },
    {
      title: 'Create a mesh',
      done: meshId !== null,
      text: 'Choose the profile, the release and the clusters. Istio’s control plane is installed while you watch.',
      action: (
        <ButtonLink
          href={paths.meshCreate()}
          variant="primary"
          disabledReason={refusal('mesh.write')}
        >
          Create mesh
        </ButtonLink>
      ),
    },
    {
      title: 'Enrol a namespace',
      done: enrolled > 0,
      text: 'Until then no traffic is touched. Enrolling restarts the workloads of a namespace with a proxy, or redirects them without a restart in ambient.',
      action: (
        <ButtonLink href={meshId ? paths.meshWorkloads(meshId) : paths.meshes()} variant="primary">
          Choose a namespace
        </ButtonLink>
      ),
    },
  ];
  const next = steps.findIndex((step) => !step.done);
  if (next < 0) return null;
  return (
    <section aria-label="First steps" className="card">
      <ol className="divide-y divide-line">
        {steps.map((step, i) => (
          <li
            key={step.title}
            aria-current={i === next ? 'step' : undefined}
            className="flex gap-3 px-4 py-4"
          >
            <span
              className={cn(
                'flex size-6 shrink-0 items-center justify-center rounded-full text-xs font-semibold',
                step.done
                  ? 'bg-ok-soft'
                  : i === next
                    ? 'bg-accent text-accent-ink'
                    : 'bg-idle-soft text-ink-3',
              )}
            >
              {step.done ? <StatusIcon status="succeeded" size={15} /> : i + 1}
            </span>
            <div className="min-w-0 grow">
              <h3 className={cn('leading-6 font-semibold', i > next && 'text-ink-3')}>
                {step.title}
                {step.done ? <span className="ml-2 font-normal text-ink-3">done</span> : null}
              </h3>
              {i === next ? (
                <>
                  <p className="mb-3 max-w-2xl text-ink-2">{step.text}</p>
                  {step.action}
                  {i === 0 && lab ? (
                    <div className="mt-4 max-w-2xl rounded-lg border border-line bg-sunken p-3">
                      <p className="font-medium">No cluster at hand?</p>
                      <p className="text-ink-2">
                        {lab.available
                          ? 'This machine can run the lab: a real Kubernetes node with real Istio, in network namespaces of its own. Start it, then join it as any other cluster.'
                          : `The lab cannot run here: ${lab.reason}`}
                      </p>
                      {lab.available ? (
                        <Code code={lab.command} label="lab command" className="mt-2" />
                      ) : null}
                    </div>
                  ) : null}
                </>
              ) : null}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
