import { Deliveries } from '@/features/alerts/deliveries.tsx';

export default Deliveries;
