import { WhichMesh } from '@/features/topology/which-mesh.tsx';

export default WhichMesh;
