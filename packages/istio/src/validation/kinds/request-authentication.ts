import type { JWTRule, RequestAuthentication } from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { durationProblem } from '../shared/duration.ts';
import { parseGoUrl } from '../shared/go-url.ts';
import { strictHeaderProblem } from '../shared/header.ts';
import { readJwks } from '../shared/jwks.ts';
import { show } from '../shared/json.ts';
import { checkAttachment } from '../shared/selector.ts';
import type { Check } from './subject.ts';

function fitsInt64(digits: string): boolean {
  const bare = digits.replace(/^0+/, '');
  return bare.length < 20 && BigInt(bare || '0') < 2n ** 63n;
}

function jwksUriProblem(uri: string): string | undefined {
  const url = parseGoUrl(uri);
  if (!url || (url.port !== '' && !fitsInt64(url.port))) return `${show(uri)} is no URL`;
  return url.scheme === 'http' || url.scheme === 'https'
    ? undefined
    : `${show(uri)} must begin with https:// or http://`;
}

function refuseEmpty(report: Report, path: string, values: string[] | undefined): void {
  for (const [index, value] of (values ?? []).entries()) {
    if (value === '') report.error(`${path}[${index}]`, 'the value is empty');
  }
}

function checkJwks(report: Report, path: string, jwks: string): void {
  const found = readJwks(jwks);
  if ('problem' in found) {
    report.error(path, `no key set: ${found.problem}`);
    return;
  }
  for (const index of found.privateKeys) {
    report.warn(
      path,
      `key ${index} has its private part; only public keys are needed to verify tokens`,
    );
  }
}

function checkRule(report: Report, path: string, rule: JWTRule): void {
  refuseEmpty(report, `${path}.audiences`, rule.audiences);
  refuseEmpty(report, `${path}.fromParams`, rule.fromParams);
  refuseEmpty(report, `${path}.fromCookies`, rule.fromCookies);
  if (!rule.issuer && !rule.jwksUri) report.error(path, 'set issuer, jwksUri or both');
  if (rule.jwksUri) report.need(`${path}.jwksUri`, jwksUriProblem(rule.jwksUri));
  if (rule.jwks) checkJwks(report, `${path}.jwks`, rule.jwks);
  for (const [index, { name }] of (rule.fromHeaders ?? []).entries()) {
    if (!name) report.error(`${path}.fromHeaders[${index}]`, 'the header needs a name');
  }
  for (const [index, { claim, header }] of (rule.outputClaimToHeaders ?? []).entries()) {
    const at = `${path}.outputClaimToHeaders[${index}]`;
    if (claim && header) report.need(`${at}.header`, strictHeaderProblem(header));
    else report.error(at, 'both claim and header are needed');
  }
  if (rule.timeout !== undefined) report.need(`${path}.timeout`, durationProblem(rule.timeout));
}

export const checkRequestAuthentication: Check<RequestAuthentication> = ({ spec }, report) => {
  checkAttachment(report, 'spec', spec);
  for (const [index, rule] of (spec.jwtRules ?? []).entries()) {
    checkRule(report, `spec.jwtRules[${index}]`, rule);
  }
};
