import { PoolsPage } from '@/features/waypoints/pools-page.tsx';

export default PoolsPage;
