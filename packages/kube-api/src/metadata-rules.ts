import { isLabelKey, isLabelValue } from './selectors.ts';
import type { FieldError } from './status.ts';
import type { Kind } from './kinds/kind.ts';
import type { KubeObject } from './types.ts';

const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const MAX_ANNOTATION_BYTES = 256 * 1024;

const invalidField = (field: string, value: unknown, why: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});

/** Checks names, labels, annotations, finalizers and owners, as every kind has them. */
export function validateMetadata(object: KubeObject, kind: Kind): FieldError[] {
  const { metadata } = object;
  const errors = validateName(metadata.name ?? '', kind.nameRule ?? 'subdomain');
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (!isLabelKey(key)) {
      errors.push(
        invalidField(
          'metadata.labels',
          key,
          "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        ),
      );
    }
    if (typeof value === 'string' && !isLabelValue(value)) {
      errors.push(
        invalidField(
          'metadata.labels',
          value,
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        ),
      );
    }
  }
  let bytes = 0;
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    bytes += key.length + String(value).length;
    if (!isLabelKey(key.toLowerCase())) {
      errors.push(
        invalidField(
          'metadata.annotations',
          key,
          "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        ),
      );
    }
  }
  if (bytes > MAX_ANNOTATION_BYTES) {
    errors.push({
      reason: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${MAX_ANNOTATION_BYTES} bytes`,
    });
  }
  for (const [index, finalizer] of (metadata.finalizers ?? []).entries()) {
    if (!isLabelKey(finalizer)) {
      errors.push(
        invalidField(
          `metadata.finalizers[${index}]`,
          finalizer,
          'name is not a valid finalizer name',
        ),
      );
    }
  }
  const controllers = (metadata.ownerReferences ?? []).filter((owner) => owner.controller === true);
  if (controllers.length > 1) {
    errors.push(
      invalidField(
        'metadata.ownerReferences',
        controllers.map((owner) => owner.name),
        'Only one reference can have Controller set to true',
      ),
    );
  }
  return errors;
}

export function validateName(name: string, rule: NonNullable<Kind['nameRule']>): FieldError[] {
  const field = 'metadata.name';
  if (name === '') {
    return [
      {
        reason: 'FieldValueRequired',
        field,
        message: 'Required value: name or generateName is required',
      },
    ];
  }
  if (rule === 'path') {
    const bad = name === '.' || name === '..' || /[/%]/.test(name);
    return bad
      ? [invalidField(field, name, "may not be '.' or '..' and may not contain '/' or '%'")]
      : [];
  }
  if (rule === 'label') {
    if (name.length <= 63 && label.test(name)) return [];
    return [
      invalidField(
        field,
        name,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      ),
    ];
  }
  if (name.length <= 253 && subdomain.test(name)) return [];
  return [
    invalidField(
      field,
      name,
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ),
  ];
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A name from metadata.generateName: five random characters behind the prefix. */
export function generateName(prefix: string): string {
  const random = crypto.getRandomValues(new Uint8Array(5));
  return (
    prefix.slice(0, 58) + Array.from(random, (byte) => ALPHABET[byte % ALPHABET.length]).join('')
  );
}
