import { PathPage } from '@/features/enrolment/path-page.tsx';

export default PathPage;
