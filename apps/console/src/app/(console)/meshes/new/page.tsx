import { CreateMesh } from '@/features/meshes/create-form.tsx';

export default CreateMesh;
