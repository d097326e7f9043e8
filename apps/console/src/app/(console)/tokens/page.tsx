import { TokensPage } from '@/features/access/tokens-page.tsx';

export default TokensPage;
