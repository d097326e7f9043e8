'use client';

import { yaml } from '@codemirror/lang-yaml';
import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { yamlTheme } from './yaml-theme.ts';

export interface YamlSidesProps {
  left: { text: string; label: string };
  right: { text: string; label: string };
}

/** What only the left one has is marked as what would go. */
const gone = EditorView.theme({
  '&.cm-merge-a .cm-changedLine': { backgroundColor: 'var(--bad-soft) !important' },
  '&.cm-merge-a .cm-changedText': {
    background: 'color-mix(in oklab, var(--bad) 16%, transparent) !important',
  },
});

const side = ({ text, label }: YamlSidesProps['left']) => ({
  doc: text,
  extensions: [
    lineNumbers(),
    yaml(),
    yamlTheme,
    gone,
    EditorState.readOnly.of(true),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label }),
  ],
});

/** Two texts beside each other, with what differs marked. */
export function YamlSides({ left, right }: YamlSidesProps) {
  const host = useRef<HTMLDivElement>(null);
  const key = JSON.stringify([left, right]);
  useEffect(() => {
    if (!host.current) return undefined;
    const [a, b] = JSON.parse(key) as [YamlSidesProps['left'], YamlSidesProps['left']];
    const view = new MergeView({
      parent: host.current,
      a: side(a),
      b: side(b),
      collapseUnchanged: { margin: 3, minSize: 6 },
    });
    return () => view.destroy();
  }, [key]);
  return <div ref={host} className="max-h-[70vh] overflow-auto" />;
}
