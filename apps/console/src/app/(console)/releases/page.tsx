import { ReleasesPage } from '@/features/settings/releases-page.tsx';

export default ReleasesPage;
