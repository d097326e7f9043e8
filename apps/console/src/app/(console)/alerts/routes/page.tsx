import { AlertRoutes } from '@/features/alerts/alert-routes.tsx';

export default AlertRoutes;
