import { EnrolmentPage } from '@/features/enrolment/enrolment-page.tsx';

export default EnrolmentPage;
