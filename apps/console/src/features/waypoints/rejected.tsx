import Link from 'next/link';
import { paths } from '@/lib/paths.ts';
import { Section } from '@/ui/page.tsx';
import { namedIn } from './named-in.ts';
import type { WaypointDetail } from './words.ts';

/** Configuration that its proxies refused, in their own words; nothing while there is none. */
export function Rejected({ meshId, waypoint }: { meshId: string; waypoint: WaypointDetail }) {
  const { rejected, bound } = waypoint;
  if (rejected.length === 0) return null;
  return (
    <Section
      title="Refused configuration"
      text="In Envoy’s own words. It goes on with the configuration it had before."
      bare
    >
      <ul className="card divide-y divide-line">
        {rejected.map((text) => {
          const named = namedIn(text, bound);
          const suspects = named.length > 0 ? named : bound;
          return (
            <li key={text} className="px-4 py-3">
              <pre
                // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
                tabIndex={0}
                aria-label="Words of the proxy"
                className="max-h-48 overflow-auto text-xs whitespace-pre-wrap"
              >
                {text}
              </pre>
              {suspects.length > 0 ? (
                <p className="mt-2 text-sm text-ink-2">
                  {named.length > 0 ? 'It speaks of ' : 'One of these brings it: '}
                  {suspects.map((one, i) => (
                    <span key={`${one.kind}/${one.namespace}/${one.name}`}>
                      {i > 0 ? ', ' : ''}
                      {one.policyId ? (
                        <Link
                          href={paths.policy(meshId, one.policyId)}
                          className="text-accent hover:underline"
                        >
                          {one.kind} {one.namespace}/{one.name}
                        </Link>
                      ) : (
                        `${one.kind} ${one.namespace}/${one.name}`
                      )}
                    </span>
                  ))}
                  .
                </p>
              ) : null}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
