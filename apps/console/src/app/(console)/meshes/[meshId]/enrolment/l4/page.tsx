import { NamespaceL4Page } from '@/features/enrolment/namespace-l4-page.tsx';

export default NamespaceL4Page;
