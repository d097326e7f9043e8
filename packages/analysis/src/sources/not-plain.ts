/** Thrown where a text goes beyond the plain YAML that the fast reader knows. */
export class NotPlain extends Error {}
