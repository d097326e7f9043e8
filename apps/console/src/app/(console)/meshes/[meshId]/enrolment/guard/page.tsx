import { GuardPage } from '@/features/enrolment/guard-page.tsx';

export default GuardPage;
