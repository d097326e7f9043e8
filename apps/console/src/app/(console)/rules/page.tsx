import { RulesPage } from '@/features/findings/rules-page.tsx';

export default RulesPage;
