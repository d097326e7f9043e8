function isIpv4(text: string): boolean {
  const fields = text.split('.');
  return (
    fields.length === 4 &&
    fields.every((field) => /^(0|[1-9]\d{0,2})$/.test(field) && Number(field) <= 255)
  );
}

/** The number of 16-bit groups of a run of IPv6 groups, or undefined when one is malformed. */
function groups(text: string, mayEndInIpv4: boolean): number | undefined {
  if (text === '') return 0;
  const fields = text.split(':');
  let count = 0;
  for (const [index, field] of fields.entries()) {
    const isLast = index === fields.length - 1;
    if (/^[0-9a-fA-F]{1,4}$/.test(field)) count += 1;
    else if (mayEndInIpv4 && isLast && isIpv4(field)) count += 2;
    else return undefined;
  }
  return count;
}

function isIpv6(text: string): boolean {
  const gap = text.indexOf('::');
  if (gap < 0) return groups(text, true) === 8;
  const before = groups(text.slice(0, gap), false);
  const after = groups(text.slice(gap + 2), true);
  return before !== undefined && after !== undefined && before + after <= 7;
}

/** An IPv4 address, or an IPv6 address with or without a zone. */
export function isIpAddress(text: string): boolean {
  const first = /[.:%]/.exec(text)?.[0];
  if (first === '.') return isIpv4(text);
  if (first !== ':') return false;
  const zone = text.indexOf('%');
  return zone < 0 ? isIpv6(text) : zone < text.length - 1 && isIpv6(text.slice(0, zone));
}

/** An address block like 10.0.0.0/8; the length is no more than the address has bits. */
export function isCidr(text: string): boolean {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return false;
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  if (address.includes('%') || !isIpAddress(address)) return false;
  return /^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (address.includes(':') ? 128 : 32);
}

export function ipProblem(text: string): string | undefined {
  return isIpAddress(text) ? undefined : `${JSON.stringify(text)} is no IP address`;
}

/** An address, or with one slash in it an address block. */
export function subnetProblem(text: string): string | undefined {
  if (text.split('/').length !== 2) return ipProblem(text);
  return isCidr(text) ? undefined : `${JSON.stringify(text)} is no address block like 10.0.0.0/8`;
}
