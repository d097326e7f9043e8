'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { count } from '@/lib/format.ts';
import { paths } from '@/lib/paths.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { LinkTabs } from '@/ui/tabs.tsx';

/** What every page of alerts has above it: how it stands, and the tabs. */
export function AlertsLayout({ children }: { children: ReactNode }) {
  const trpc = useTRPC();
  const alerts = useQuery(trpc.alert.list.queryOptions({ limit: 500 })).data?.items;
  const routes = useQuery(trpc.alertRoute.list.queryOptions({ limit: 200 })).data?.items;
  const firing = alerts?.filter(({ state }) => state === 'firing').length ?? 0;
  const failing = routes?.filter(({ health }) => health.state === 'failing') ?? [];
  const lead = !alerts
    ? 'Who is told when something is found.'
    : [
        firing === 0
          ? 'Nothing fires.'
          : `${count(firing, 'alert')} ${firing === 1 ? 'fires and waits' : 'fire and wait'} for somebody.`,
        failing.length > 0
          ? `${failing.map(({ name }) => name).join(', ')} cannot be reached; see the delivery log.`
          : '',
        routes?.length === 0 ? 'Nobody is told yet: there is no route.' : '',
      ].join(' ');
  return (
    <>
      <PageHeader
        title="Alerts"
        lead={<span aria-live="polite">{lead}</span>}
        actions={<CopyAs verb="alert.list" input={{}} />}
      />
      <LinkTabs
        label="Alerts"
        tabs={[
          { href: paths.alerts(), label: 'Alerts', exact: true },
          { href: paths.alertRules(), label: 'Rules' },
          { href: paths.alertRoutes(), label: 'Routes' },
          { href: paths.alertSilences(), label: 'Silences' },
          { href: paths.alertDeliveries(), label: 'Delivery log' },
        ]}
      />
      {children}
    </>
  );
}
