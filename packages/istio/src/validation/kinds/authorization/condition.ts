import { show } from '../../shared/json.ts';
import {
  emptyProblem,
  ipsProblem,
  portsProblem,
  serviceAccountsProblem,
  wildcardsProblem,
} from './values.ts';

type ValuesCheck = (values: string[]) => string | undefined;

const anything: ValuesCheck = () => undefined;

/** Keys of `when` that take values of their own kind. */
const exact: Record<string, ValuesCheck> = {
  'source.ip': ipsProblem,
  'remote.ip': ipsProblem,
  'destination.ip': ipsProblem,
  'destination.port': portsProblem,
  'source.namespace': anything,
  'source.serviceAccount': serviceAccountsProblem,
  'source.principal': anything,
  'source.trustDomain': wildcardsProblem,
  'request.auth.principal': anything,
  'request.auth.audiences': anything,
  'request.auth.presenter': anything,
  'connection.sni': anything,
};
const bracketed = ['request.headers', 'request.auth.claims', 'experimental.envoy.filters.'];
const withdrawn = ['destination.name', 'destination.user', 'destination.namespace'];

/** A key of `when` with one list of its values. */
export function conditionProblem(key: string, values: string[]): string | undefined {
  const empty = emptyProblem(values);
  if (empty) return empty;
  if (bracketed.some((prefix) => key.startsWith(prefix))) {
    const open = key.indexOf('[');
    const isValid = key.endsWith(']') && open > 0 && open < key.length - 2;
    return isValid
      ? undefined
      : `${show(key)} needs a name in brackets, like request.headers[x-user]`;
  }
  if (Object.hasOwn(exact, key)) return exact[key]?.(values);
  const isWithdrawn = withdrawn.includes(key) || key.startsWith('destination.labels');
  return isWithdrawn
    ? `${show(key)} is no longer possible; use the policy's namespace and selector`
    : `there is no condition ${show(key)}`;
}
