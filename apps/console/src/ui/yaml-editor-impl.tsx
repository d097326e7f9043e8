'use client';

import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, foldGutter, foldKeymap, indentUnit } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { yamlTheme } from './yaml-theme.ts';

export interface YamlEditorProps {
  value: string;
  onChange?: (value: string) => void;
  /** Problems to mark, with offsets into the text. */
  markers?: Diagnostic[];
  readOnly?: boolean;
  label: string;
  onSave?: () => void;
  /** A line, from 1, to go to; another object goes there again. */
  place?: { line: number } | null;
}

const noMarkers: Diagnostic[] = [];

export function YamlEditor(props: YamlEditorProps) {
  const { value, markers = noMarkers, readOnly = false, label, place } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!host.current) return undefined;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          lineNumbers(),
          foldGutter(),
          lintGutter(),
          history(),
          drawSelection(),
          bracketMatching(),
          indentUnit.of('  '),
          yaml(),
          yamlTheme,
          highlightActiveLine(),
          highlightActiveLineGutter(),
          EditorState.readOnly.of(readOnly),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label }),
          keymap.of([
            {
              key: 'Mod-s',
              run: () => {
                latest.current.onSave?.();
                return true;
              },
            },
            { key: 'Escape', run: (v) => (v.contentDOM.blur(), true) },
            indentWithTab,
            ...foldKeymap,
            ...historyKeymap,
            ...defaultKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [readOnly, label]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const end = editor.state.doc.length;
    const inside = markers.map((each) => ({
      ...each,
      from: Math.min(each.from, end),
      to: Math.min(Math.max(each.to, each.from), end),
    }));
    editor.dispatch(setDiagnostics(editor.state, inside));
  }, [markers]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || !place) return;
    const { doc } = editor.state;
    const { from } = doc.line(Math.min(Math.max(place.line, 1), doc.lines));
    editor.dispatch({
      selection: { anchor: from },
      effects: EditorView.scrollIntoView(from, { y: 'center' }),
    });
    editor.focus();
  }, [place]);

  return (
    <div
      ref={host}
      className="h-full overflow-auto [&_.cm-editor]:min-h-full [&_.cm-scroller]:min-h-full"
    />
  );
}
