import { TopologyPage } from '@/features/topology/topology-page.tsx';

export default TopologyPage;
