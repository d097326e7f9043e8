import { MembersPage } from '@/features/access/members-page.tsx';

export default MembersPage;
