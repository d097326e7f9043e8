import type { Outputs } from '@/lib/session.tsx';

type Subject = Outputs['enrolment']['list']['items'][number];

/** The status of what is true of a subject: pods that are not alike and each as wanted are nothing to warn of. */
export const truthOf = ({ truth, state }: Pick<Subject, 'truth' | 'state'>): string =>
  truth === 'mixed' && state === 'asWanted' ? 'by pod' : truth;
