import { ObjectivesPage } from '@/features/objectives/objectives-page.tsx';

export default ObjectivesPage;
