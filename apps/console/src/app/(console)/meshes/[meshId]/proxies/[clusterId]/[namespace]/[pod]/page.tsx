import { ProxyPage } from '@/features/services/proxy-page.tsx';

export default async function Page(props: {
  params: Promise<{ clusterId: string; namespace: string; pod: string }>;
}) {
  const { clusterId, namespace, pod } = await props.params;
  return (
    <ProxyPage
      clusterId={clusterId}
      namespace={decodeURIComponent(namespace)}
      pod={decodeURIComponent(pod)}
    />
  );
}
