import { ClusterPage } from '@/features/clusters/cluster-page.tsx';

export default async function Page({ params }: { params: Promise<{ clusterId: string }> }) {
  return <ClusterPage clusterId={(await params).clusterId} />;
}
