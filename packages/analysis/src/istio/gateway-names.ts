/** The Gateway that a name means to a resource of `namespace`: `name` there, or `namespace/name`. */
export function gatewayOf(namespace: string, name: string): { namespace: string; name: string } {
  const slash = name.indexOf('/');
  return slash < 0
    ? { namespace, name }
    : { namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}
