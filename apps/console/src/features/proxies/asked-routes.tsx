'use client';

import { useQueries } from '@tanstack/react-query';
import { reading } from '@/features/services/reading.ts';
import { count, msText, shareText } from '@/lib/format.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Section } from '@/ui/page.tsx';
import { Time } from '@/ui/time.tsx';
import { mergeRoutes } from './merge-routes.ts';

export interface ProxyPlace {
  clusterId: string;
  namespace: string;
  pod: string;
}

interface Props {
  meshId: string;
  /** Proxies whose logs tell of it; the first four are read. Undefined while they are not known. */
  places: readonly ProxyPlace[] | undefined;
  /** Only what went to this Service, `name.namespace`: of proxies that serve others too. */
  host?: string;
}

const mostRead = 4;
const mostShown = 8;
const head = 'px-4 py-2 font-medium';
const cell = 'tnum px-4 py-2 text-right whitespace-nowrap';

/** Routes by what fails most, from the newest lines of access logs. */
export function AskedRoutes({ meshId, places, host }: Props) {
  const trpc = useTRPC();
  const refused = useRefusal()('proxy.read');
  const read = (places ?? []).slice(0, mostRead);
  const asked = useQueries({
    queries: read.map(({ clusterId, namespace, pod }) => ({
      ...trpc.proxy.requests.queryOptions({
        meshId,
        clusterId,
        namespace,
        pod,
        ...(host ? { limit: 100 } : {}),
      }),
      enabled: refused === undefined,
      refetchInterval: 30_000,
    })),
  });
  const routes = mergeRoutes(asked.flatMap(({ data }) => data?.items ?? [])).filter(
    (route) => !host || route.host.startsWith(`${host}.`),
  );
  const requests = host
    ? routes.reduce((sum, route) => sum + route.requests, 0)
    : asked.reduce((sum, { data }) => sum + (data?.requests ?? 0), 0);
  const from = asked
    .flatMap(({ data }) => data?.from ?? [])
    .toSorted()
    .at(0);
  const [first] = read;
  const none = refused
    ? refused
    : places === undefined
      ? 'Reading them…'
      : read.length === 0
        ? 'No proxy tells of requests to it.'
        : reading(
            asked,
            'The newest lines tell of no request. Access logs are written where the mesh has them on: its option “Access log”, or a Telemetry with accessLogging.',
          );
  return (
    <Section
      title="Top failing routes"
      text={
        from ? (
          <>
            By the access log{read.length === 1 ? '' : 's'} of{' '}
            {count(read.length, 'proxy', 'proxies')}
            {(places?.length ?? 0) > read.length ? ` of ${places!.length}` : ''}: the newest{' '}
            {count(requests, 'request')}, since <Time at={from} />.
          </>
        ) : (
          'By the access logs of its proxies.'
        )
      }
      bare
      {...(first
        ? { actions: <CopyAs verb="proxy.requests" input={{ meshId, ...placeOf(first) }} /> }
        : {})}
    >
      {routes.length === 0 ? (
        <p className="card px-4 py-3 text-sm text-ink-3">{none}</p>
      ) : (
        <div className="card overflow-x-auto">
          <table className="w-full text-sm">
            <thead className="text-left text-xs text-ink-3">
              <tr>
                <th className={head}>Route</th>
                <th className={`${head} max-md:hidden`}>To</th>
                <th className={`${head} text-right`}>Requests</th>
                <th className={`${head} text-right`}>Failed</th>
                <th className={head}>Why</th>
                <th className={`${head} text-right max-sm:hidden`}>Slowest</th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {routes.slice(0, mostShown).map((route) => (
                <tr key={`${route.direction} ${route.method} ${route.host} ${route.path}`}>
                  <td className="px-4 py-2 break-all">
                    <span className="text-ink-3">{route.method}</span> {route.path}
                  </td>
                  <td className="px-4 py-2 break-all text-ink-2 max-md:hidden">
                    {route.direction === 'inbound' ? 'itself' : route.host || '–'}
                  </td>
                  <td className={cell}>{route.requests}</td>
                  <td className={cell}>
                    {route.failed === 0
                      ? '0'
                      : `${route.failed} (${shareText(route.failed / route.requests)})`}
                  </td>
                  <td className="px-4 py-2">
                    {route.failures
                      .slice(0, 3)
                      .map(
                        ({ code, flags, count: times }) =>
                          `${code === '0' ? 'no answer' : code}${flags ? ` ${flags}` : ''} × ${times}`,
                      )
                      .join(', ') || '–'}
                  </td>
                  <td className={`${cell} max-sm:hidden`}>{msText(route.slowestMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

const placeOf = ({ clusterId, namespace, pod }: ProxyPlace) => ({ clusterId, namespace, pod });
