import { OperationsPage } from '@/features/operations/operations-page.tsx';

export default OperationsPage;
