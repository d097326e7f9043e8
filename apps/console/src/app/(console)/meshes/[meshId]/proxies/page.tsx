import { ProxiesPage } from '@/features/proxies/proxies-page.tsx';

export default ProxiesPage;
