import { NodesPage } from '@/features/enrolment/nodes-page.tsx';

export default NodesPage;
