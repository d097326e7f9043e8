import { MeshWorkloads } from '@/features/meshes/workloads.tsx';

export default MeshWorkloads;
