import { AlertRules } from '@/features/alerts/alert-rules.tsx';

export default AlertRules;
