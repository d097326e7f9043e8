import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** CodeMirror in the console's own colours, for both themes at once. */
export const yamlTheme = [
  EditorView.theme({
    '&': { fontSize: '12.5px', color: 'var(--ink)', backgroundColor: 'var(--surface)' },
    '&.cm-focused': { outline: 'none' },
    '.cm-content': { fontFamily: 'var(--font-mono)', caretColor: 'var(--ink)', padding: '10px 0' },
    '.cm-line': { padding: '0 12px', lineHeight: '20px' },
    '.cm-gutters': {
      backgroundColor: 'var(--surface)',
      color: 'var(--ink-3)',
      border: 'none',
    },
    '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 12px', lineHeight: '20px' },
    '.cm-activeLine': { backgroundColor: 'color-mix(in oklab, var(--hover) 55%, transparent)' },
    '.cm-activeLineGutter': { backgroundColor: 'var(--hover)', color: 'var(--ink)' },
    '.cm-cursor': { borderLeftColor: 'var(--ink)' },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
      { backgroundColor: 'color-mix(in oklab, var(--accent) 24%, transparent)' },
    '.cm-tooltip': {
      backgroundColor: 'var(--raised)',
      color: 'var(--ink)',
      border: '1px solid var(--line-strong)',
      borderRadius: '6px',
      overflow: 'hidden',
    },
    '.cm-diagnostic': { padding: '6px 10px', fontFamily: 'var(--font-sans)' },
    '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
    '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--ink)' },
    '.cm-changedLine': { backgroundColor: 'var(--ok-soft) !important' },
    '.cm-deletedChunk': { backgroundColor: 'var(--bad-soft)', padding: '0 12px' },
    '.cm-changedText': { background: 'color-mix(in oklab, var(--ok) 16%, transparent) !important' },
    '.cm-deletedText': {
      background: 'color-mix(in oklab, var(--bad) 9%, transparent) !important',
    },
    '.cm-collapsedLines': {
      background: 'var(--sunken)',
      color: 'var(--ink-3)',
      padding: '4px 12px',
    },
    '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"⋯"' },
  }),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
      { tag: [tags.string, tags.special(tags.string)], color: 'var(--ink)' },
      { tag: [tags.comment, tags.lineComment], color: 'var(--ink-3)', fontStyle: 'italic' },
      { tag: [tags.bool, tags.null, tags.number, tags.keyword], color: 'var(--busy)' },
      { tag: [tags.punctuation, tags.separator, tags.meta], color: 'var(--ink-3)' },
    ]),
  ),
];
