import { MeshOverview } from '@/features/meshes/overview.tsx';

export default MeshOverview;
