import { paths } from '@/lib/paths.ts';
import type { Outputs } from '@/lib/session.tsx';
import { Status } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';
import type { Line } from './lines.tsx';

export const alertLine = (alert: Outputs['alert']['list']['items'][number]): Line => ({
  key: alert.id,
  href: paths.alert(alert.id),
  text: alert.summary,
  end: <Status status={alert.state} quiet />,
});

export const findingLine = (finding: Outputs['finding']['list']['items'][number]): Line => ({
  key: finding.id,
  href: paths.finding(finding.meshId, finding.id),
  text: `${finding.code} ${finding.resource}`,
  end: <Status status={finding.severity} quiet />,
});

export const changeLine = (change: Outputs['mesh']['changes']['items'][number]): Line => ({
  key: `${change.at} ${change.title}`,
  href: change.link,
  text: change.title,
  end: <Time at={change.at} />,
});
