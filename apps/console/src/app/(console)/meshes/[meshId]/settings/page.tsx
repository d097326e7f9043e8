import { MeshSettings } from '@/features/meshes/settings.tsx';

export default MeshSettings;
