import { WaypointsPage } from '@/features/waypoints/waypoints-page.tsx';

export default WaypointsPage;
