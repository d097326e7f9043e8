import { TracesPage } from '@/features/traces/traces-page.tsx';

export default TracesPage;
