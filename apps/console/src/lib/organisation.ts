const key = 'ambit.organisation';

/** The organisation chosen in this browser; null lets the server take the first one. */
export function chosenOrganisation(): string | null {
  return typeof localStorage === 'undefined' ? null : localStorage.getItem(key);
}

export function chooseOrganisation(id: string | null): void {
  if (id) localStorage.setItem(key, id);
  else localStorage.removeItem(key);
}

/** Header that names the organisation a request is about. */
export function organisationHeader(): Record<string, string> {
  const id = chosenOrganisation();
  return id ? { 'x-ambit-organisation': id } : {};
}
