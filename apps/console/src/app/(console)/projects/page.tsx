import { ProjectsPage } from '@/features/settings/projects-page.tsx';

export default ProjectsPage;
