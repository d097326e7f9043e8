import Link from 'next/link';
import { paths } from '@/lib/paths.ts';
import { Section } from '@/ui/page.tsx';
import { Status } from '@/ui/status.tsx';
import type { WaypointDetail } from './words.ts';

interface Props {
  meshId: string;
  waypoint: WaypointDetail;
}

/** What a waypoint does: who uses it, and which routes and policies it carries out. */
export function Uses({ meshId, waypoint }: Props) {
  const { attached, bound, clusterName } = waypoint;
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <Section title="Used by" text="Namespaces and Services whose labels name it." bare>
        {attached.length === 0 ? (
          <p className="card px-4 py-3 text-sm text-ink-3">
            Nothing.{' '}
            <Link href={paths.meshEnrolment(meshId)} className="text-accent hover:underline">
              Enrol a namespace or Service to L4+L7
            </Link>{' '}
            with it.
          </p>
        ) : (
          <ul
            aria-label="Used by"
            className="card max-h-96 divide-y divide-line overflow-y-auto"
            tabIndex={0}
          >
            {attached.map((one) => (
              <li
                key={`${one.kind}/${one.namespace}/${one.name}`}
                className="flex items-start justify-between gap-4 px-4 py-2 text-sm"
              >
                <span className="min-w-0 break-words">
                  {one.kind === 'Service' ? (
                    <Link
                      href={`${paths.service(meshId, one.namespace, one.name)}?cluster=${encodeURIComponent(clusterName)}`}
                      className="font-medium hover:underline"
                    >
                      Service {one.namespace}/{one.name}
                    </Link>
                  ) : (
                    <span className="font-medium">Namespace {one.name}</span>
                  )}
                  <span className="block text-xs text-ink-3">{one.why || one.because}</span>
                </span>
                <span className="shrink-0">
                  <Status status={one.ready ? 'Ready' : 'Degraded'} quiet />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Routes and policies" text="What it carries out of L7." bare>
        {bound.length === 0 ? (
          <p className="card px-4 py-3 text-sm text-ink-3">
            None. They bind by targetRefs or parentRefs to it or to a Service that uses it.
          </p>
        ) : (
          <ul
            aria-label="Routes and policies"
            className="card max-h-96 divide-y divide-line overflow-y-auto"
            tabIndex={0}
          >
            {bound.map((one) => (
              <li key={`${one.kind}/${one.namespace}/${one.name}`} className="px-4 py-2 text-sm">
                {one.policyId ? (
                  <Link
                    href={paths.policy(meshId, one.policyId)}
                    className="font-medium break-words hover:underline"
                  >
                    {one.kind} {one.namespace}/{one.name}
                  </Link>
                ) : (
                  <span className="font-medium break-words">
                    {one.kind} {one.namespace}/{one.name}
                  </span>
                )}
                <span className="block text-xs text-ink-3">
                  {one.why}
                  {one.policyId ? '' : '; applied in the cluster by others'}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Section>
    </div>
  );
}
