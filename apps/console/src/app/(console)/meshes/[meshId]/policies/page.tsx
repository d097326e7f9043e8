import { PolicyList } from '@/features/policies/policy-list.tsx';

export default PolicyList;
