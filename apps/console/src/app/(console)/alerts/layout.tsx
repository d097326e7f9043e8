import { AlertsLayout } from '@/features/alerts/alerts-layout.tsx';

export default AlertsLayout;
