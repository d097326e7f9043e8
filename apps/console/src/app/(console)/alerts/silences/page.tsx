import { Silences } from '@/features/alerts/silences.tsx';

export default Silences;
