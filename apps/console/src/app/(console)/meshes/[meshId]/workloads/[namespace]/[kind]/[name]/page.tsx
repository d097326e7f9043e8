import { WorkloadPage } from '@/features/services/workload-page.tsx';

export default async function Page(props: {
  params: Promise<{ namespace: string; kind: string; name: string }>;
}) {
  const { namespace, kind, name } = await props.params;
  return (
    <WorkloadPage
      namespace={decodeURIComponent(namespace)}
      kind={decodeURIComponent(kind)}
      name={decodeURIComponent(name)}
    />
  );
}
