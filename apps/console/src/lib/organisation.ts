/** Where this browser keeps the organisation that was chosen, and the header that names it. */
export const organisationKey = 'ambit.organisation';
export const organisationName = 'x-ambit-organisation';

/** The organisation chosen in this browser; null lets the server take the first one. */
export function chosenOrganisation(): string | null {
  return typeof localStorage === 'undefined' ? null : localStorage.getItem(organisationKey);
}

export function chooseOrganisation(id: string | null): void {
  if (id) localStorage.setItem(organisationKey, id);
  else localStorage.removeItem(organisationKey);
}

/** Header that names the organisation a request is about. */
export function organisationHeader(): Record<string, string> {
  const id = chosenOrganisation();
  return id ? { [organisationName]: id } : {};
}
