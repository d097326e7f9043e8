import { CreatePage } from '@/features/meshes/create-page.tsx';

export default CreatePage;
