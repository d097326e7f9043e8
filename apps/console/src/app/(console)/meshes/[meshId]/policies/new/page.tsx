import { PolicyCreate } from '@/features/policies/policy-create.tsx';

export default PolicyCreate;
