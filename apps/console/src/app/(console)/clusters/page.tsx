import { ClusterList } from '@/features/clusters/cluster-list.tsx';

export default ClusterList;
