'use client';

import { useQueries } from '@tanstack/react-query';
import { Lines } from '@/features/services/lines.tsx';
import { reading } from '@/features/services/reading.ts';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Status } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import type { ProxyPlace } from './asked-routes.tsx';

interface Props {
  meshId: string;
  /** The first four are read. Undefined while they are not known. */
  places: readonly ProxyPlace[] | undefined;
}

const mostRead = 4;
const mostShown = 12;
const statusOf = {
  valid: 'valid',
  late: 'late',
  expired: 'ended',
  notYetValid: 'early',
  unknown: 'unknown',
} as const;

/** The certificates that proxies hold now, as they tell them themselves. */
export function HeldCertificates({ meshId, places }: Props) {
  const trpc = useTRPC();
  const refused = useRefusal()('proxy.read');
  const read = (places ?? []).slice(0, mostRead);
  const asked = useQueries({
    queries: read.map(({ clusterId, namespace, pod }) => ({
      ...trpc.proxy.certificates.queryOptions({ meshId, clusterId, namespace, pod }),
      enabled: refused === undefined,
      staleTime: 60_000,
    })),
  });
  const lines = asked.flatMap(({ data }, at) => {
    const { clusterId, namespace, pod } = read[at]!;
    return (data?.items ?? []).map((each) => ({
      key: `${clusterId} ${pod} ${each.use} ${each.serial} ${each.names.join()}`,
      href: read.length > 1 ? paths.proxy(meshId, clusterId, namespace, pod) : '',
      text: [
        each.use === 'trusted' ? 'Trusts' : '',
        each.names.join(', ') || `serial ${each.serial}`,
        read.length > 1 ? `of ${pod}` : '',
      ]
        .filter(Boolean)
        .join(' '),
      end: (
        <span className="flex items-center gap-3">
          {each.notAfter ? (
            <span className="text-ink-3">
              ends <Time at={each.notAfter} />
            </span>
          ) : null}
          <Status status={statusOf[each.state]} quiet />
        </span>
      ),
    }));
  });
  const more = lines.length - mostShown;
  return (
    <Lines
      title="Certificates"
      text={
        (places?.length ?? 0) > read.length
          ? `Of ${read.length} of its ${places!.length} proxies, as they tell them.`
          : 'As its proxies tell them; made anew at half of their life.'
      }
      none={
        refused ??
        (places?.length === 0
          ? 'It has no proxy of its own. In an ambient mesh ztunnel of its node holds its certificate.'
          : places === undefined
            ? 'Reading them…'
            : reading(asked, 'Its proxies hold none.'))
      }
      lines={lines.slice(0, mostShown)}
      {...(more > 0 ? { after: `and ${more} more` } : {})}
    />
  );
}
