import { hash, pathText } from '../engine/found.ts';
import type { Finding } from '../finding.ts';
import { fullName, kindWord } from '../resource.ts';
import type { Unreadable } from './text.ts';

/** The finding that tells of a document which no rule could look at. */
export function unreadableFinding(problem: Unreadable): Finding {
  const { file, line, path, message, kind, namespace, name } = problem;
  const word = kind ? kindWord(kind.name) : '';
  return {
    id: `AMB0000-${hash(`${file}\n${line}\n${message}`)}`,
    code: 'AMB0000',
    severity: 'error',
    message: `This document cannot be read: ${message}`,
    resource: word === '' ? `File ${file}` : `${word} ${fullName({ namespace, name })}`,
    kind: word === '' ? 'File' : word,
    namespace,
    name: word === '' ? file : name,
    path: pathText(path),
    file,
    line,
    cause: 'The text is no object that Kubernetes and Istio read.',
    consequence: 'It cannot be applied, and nothing in it was looked at.',
    link: 'docs/rules.md#amb0000',
  };
}
