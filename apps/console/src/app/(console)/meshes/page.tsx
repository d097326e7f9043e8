import { MeshList } from '@/features/meshes/mesh-list.tsx';

export default MeshList;
