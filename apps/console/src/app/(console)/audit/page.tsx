import { AuditPage } from '@/features/access/audit-page.tsx';

export default AuditPage;
