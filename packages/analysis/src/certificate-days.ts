/** A certificate that is valid for less days is told as expiring soon, unless a mesh has a number of its own. */
export const defaultCertificateDays = 30;

export const dayMs = 24 * 60 * 60 * 1000;
