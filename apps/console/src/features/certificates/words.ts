import type { Outputs } from '../../lib/session.tsx';

export type Certificate = Outputs['certificate']['list']['items'][number];

/** Word of the status vocabulary; an expired certificate cuts traffic, unlike an expired token. */
export const certificateStatus = ({ state }: Pick<Certificate, 'state'>): string =>
  ({ expired: 'ended', expiring: 'expiring', valid: 'valid' })[state];

type Used = Pick<Certificate, 'use' | 'role' | 'usedBy' | 'isSelfSigned'>;

/** What it is for: the CA, or what names it. */
export function certificateUse({ use, role, usedBy, isSelfSigned }: Used): string {
  if (use === 'gateway') return usedBy.join(', ');
  return `CA of the mesh, ${role}${isSelfSigned ? ', self-signed by istiod' : ''}`;
}

export type CertificateNews = Pick<
  Certificate,
  'use' | 'usedBy' | 'state' | 'clusterName' | 'notAfter'
>;

/** One line for the start page. */
export function certificateNews(each: CertificateNews): string {
  const what = each.use === 'gateway' ? `certificate of ${each.usedBy[0] ?? ''}` : 'CA of the mesh';
  const when = each.notAfter.slice(0, 10);
  return `The ${what} in ${each.clusterName} ${each.state === 'expired' ? 'has expired on' : 'expires on'} ${when}`;
}
