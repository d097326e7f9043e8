import { IntegrationsPage } from '@/features/integrations/integrations-page.tsx';

export default IntegrationsPage;
