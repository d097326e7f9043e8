import { WorkloadPage } from '@/features/services/workload-page.tsx';

export default async function Page(props: {
  params: Promise<{ namespace: string; name: string }>;
}) {
  const { namespace, name } = await props.params;
  return <WorkloadPage namespace={decodeURIComponent(namespace)} name={decodeURIComponent(name)} />;
}
