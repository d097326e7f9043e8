'use client';

import { SubjectPage } from './subject-page.tsx';

export function ServicePage({ namespace, name }: { namespace: string; name: string }) {
  return <SubjectPage kind="service" namespace={namespace} name={name} />;
}
