// The code editor: CodeMirror from its pieces, loaded when the editor is first used. It lives in a shadow root, where
// its styles are adopted sheets: the page's policy refuses style elements. YAML is set in ink weights, without colours.
import { autocompletion } from '@codemirror/autocomplete';
import { Compartment, EditorState, StateEffect, StateField } from '@codemirror/state';
import {
  EditorView, drawSelection, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, lineNumbers, rectangularSelection, showTooltip,
} from '@codemirror/view';
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from '@codemirror/commands';
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, linter, setDiagnostics } from '@codemirror/lint';
import { searchKeymap, highlightSelectionMatches } from '@codemirror/search';
import { yaml } from '@codemirror/lang-yaml';
import { tags } from '@lezer/highlight';

const ink = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--ink-1)', fontWeight: '600' },
  { tag: [tags.comment, tags.lineComment, tags.meta], color: 'var(--ink-3)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: 'var(--ink-3)' },
  { tag: tags.keyword, color: 'var(--ink-2)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'transparent', color: 'var(--ink-2)', fontSize: 'var(--code-size, 11.5px)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '18px', fontVariantLigatures: 'none', overscrollBehavior: 'contain', scrollbarWidth: 'thin' },
  '.cm-content': { padding: '4px 0 24px', caretColor: 'var(--ink-1)' },
  '.cm-line': { padding: '0 10px 0 2px' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--ink-3)', border: 'none', fontSize: '10px' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '28px', padding: '0 3px 0 6px' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink-1)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink-1)', borderLeftWidth: '1.6px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--pressed) !important' },
  '.cm-selectionMatch': { backgroundColor: 'var(--hover)' },
  '.cm-gutter-lint': { width: '12px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0' },
  '.cm-lint-marker': { width: '9px', height: '9px', margin: '4.5px 0 0 2px', content: 'none !important', background: 'var(--broken)', transform: 'rotate(45deg) scale(.78)', borderRadius: '1px' },
  '.cm-lint-marker-warning': { background: 'var(--waiting)', borderRadius: '50%', transform: 'scale(.8)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--broken) 1.2px', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline dotted var(--waiting) 1.6px', textUnderlineOffset: '3px' },
  // What nothing comes of: seen by whoever looks for it.
  '.cm-lint-marker-hint': { background: 'none', boxShadow: 'inset 0 0 0 1.2px var(--ink-3)', borderRadius: '50%', transform: 'none', width: '7px', height: '7px', margin: '5.5px 0 0 3px' },
  '.cm-lintRange-hint': { backgroundImage: 'none', textDecoration: 'underline dotted var(--ink-3) 1px', textUnderlineOffset: '3px' },
  '.cm-diagnostic-hint': { color: 'var(--ink-2)', boxShadow: 'inset 2px 0 0 var(--ink-3)' },
  '.cm-help': { padding: '8px 11px 9px', font: '12px/17px var(--font-ui)', maxWidth: 'min(400px, 80vw)', boxSizing: 'border-box' },
  '.cm-help b': { font: '600 11.5px/17px var(--font-mono)', color: 'var(--ink-1)', marginRight: '8px' },
  '.cm-help em': { font: '11px/17px var(--font-mono)', color: 'var(--ink-3)' },
  '.cm-help p': { margin: '4px 0 0', color: 'var(--ink-2)', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', maxHeight: '210px', overflow: 'auto' },
  '.cm-help .note': { color: 'var(--ink-1)', paddingLeft: '8px', boxShadow: 'inset 2px 0 0 var(--ink-3)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { font: '11.5px/20px var(--font-mono)', maxHeight: '204px', padding: '4px', minWidth: 'min(220px, 70vw)', scrollbarWidth: 'thin' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0 8px', lineHeight: '20px', borderRadius: '5px', color: 'var(--ink-1)', display: 'flex', gap: '12px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { background: 'var(--pressed)', color: 'var(--ink-1)' },
  '.cm-completionLabel': { flex: 'none' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': { margin: '0 0 0 auto', fontStyle: 'normal', fontSize: '10.5px', color: 'var(--ink-3)', overflow: 'hidden', textOverflow: 'ellipsis' },
  'li[aria-selected] .cm-completionDetail': { color: 'var(--ink-2)' },
  '.cm-tooltip.cm-completionInfo': { padding: '0', margin: '0 4px', width: 'min(320px, 80vw)', maxWidth: 'min(320px, 80vw)' },
  '.cm-tooltip': { border: 'none', borderRadius: '8px', background: 'var(--raised)', color: 'var(--ink-2)', boxShadow: 'var(--shadow-2), 0 0 0 1px var(--line-1)', maxWidth: 'min(420px, 80vw)', zIndex: 20 },
  '.cm-diagnostic': { padding: '8px 10px', font: '10.5px/15px var(--font-mono)', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', borderLeft: 'none' },
  '.cm-diagnostic-error': { color: 'var(--broken-text)', boxShadow: 'inset 2px 0 0 var(--broken)' },
  '.cm-diagnostic-warning': { color: 'var(--ink-2)', boxShadow: 'inset 2px 0 0 var(--waiting)' },
  '.cm-diagnosticAction': { font: '500 12px var(--font-ui)', background: 'none', border: '0', color: 'var(--ink-1)', textDecoration: 'underline', cursor: 'pointer' },
  '.cm-panels': { background: 'var(--sunken)', color: 'var(--ink-2)', border: 'none' },
  '.cm-panel.cm-search': { fontFamily: 'var(--font-ui)', fontSize: '12px', padding: '6px 24px 6px 8px' },
  '.cm-panel.cm-search label': { fontSize: '11px', whiteSpace: 'nowrap' },
  '.cm-textfield': { background: 'var(--raised)', border: '0', borderRadius: '5px', boxShadow: 'inset 0 0 0 1px var(--line-2)', color: 'var(--ink-1)' },
  '.cm-button': { background: 'var(--raised)', backgroundImage: 'none', border: '0', borderRadius: '5px', boxShadow: 'inset 0 0 0 1px var(--line-2)', color: 'var(--ink-1)' },
  '.cm-searchMatch': { backgroundColor: 'var(--waiting-fill)' },
});

/** A document's place of a line and column, both from 1; past the end is the end. */
const place = (doc, line, column) => {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return Math.min(at.from + Math.max(column, 1) - 1, at.to);
};

/** The stretch that a problem underlines: to its end if it has one on the way, else the word there, else the line. */
const stretch = (doc, p) => {
  const from = place(doc, p.line, p.column);
  let to = p.endLine ? place(doc, p.endLine, p.endColumn) : from;
  const line = doc.lineAt(from);
  if (to <= from || to > line.to) {
    const word = /^[^\s:,\]}]+/.exec(line.text.slice(from - line.from));
    to = word ? from + word[0].length : line.to;
  }
  return to > from ? { from, to } : { from: line.from + line.text.search(/\S|$/), to: line.to };
};

/** A field's name, type and description, all as text; `note` says that nothing comes of it. */
const card = ({ name, detail, note }, said) => {
  const dom = document.createElement('div');
  dom.className = 'cm-help';
  const put = (tag, text, cls) => text && dom.append(Object.assign(document.createElement(tag), { textContent: text, className: cls ?? '' }));
  put('b', name);
  put('em', detail);
  put('p', note, 'note');
  put('p', said);
  return dom;
};

/** How the word before the caret may go on, and what each way is. */
const ways = on => autocompletion({
  icons: false,
  override: [context => {
    const { text } = context.matchBefore(/[\w./$-]*/) ?? { text: '' };
    const found = (text || context.explicit) && on.ways(context.state.doc.toString(), context.pos);
    if (!found) return null;
    const options = found.options.map(({ label, detail, text: apply, rank, about }) => ({
      label, detail, apply, boost: rank,
      info: about && (async () => card({}, await on.about(about))),
    }));
    // Once a word stands there whole, Enter is the end of its line again.
    const whole = word => options.some(({ label }) => label === word);
    if (!context.explicit && whole(text)) return null;
    return { from: found.from, options, validFor: word => /^[\w./$-]*$/.test(word) && !whole(word) };
  }],
});

/** What a field is: under the mouse, and by F1 at the caret. */
const show = StateEffect.define();
const shown = StateField.define({
  create: () => null,
  update(tip, tr) {
    for (const effect of tr.effects) if (effect.is(show)) return effect.value;
    return tr.docChanged || tr.selection ? null : tip;
  },
  provide: field => showTooltip.from(field),
});
const tip = async (on, view, at) => {
  const { doc } = view.state;
  const found = on.field(doc.toString(), at);
  if (!found) return null;
  const said = await on.about(found.about);
  const create = () => {
    const dom = card(found, said);
    // What is long is scrolled, by keys too.
    dom.lastElementChild.tabIndex = 0;
    dom.onkeydown = event => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      view.dispatch({ effects: show.of(null) });
      view.focus();
    };
    return { dom };
  };
  return { pos: found.from, end: found.to, above: true, create, words: [found.name, found.detail, found.note, said].join('. ') };
};
const explain = on => view => {
  const at = view.state.selection.main.head;
  tip(on, view, at).then(found => {
    if (view.state.selection.main.head !== at) return;
    view.dispatch({ effects: [show.of(found), ...(found ? [EditorView.announce.of(found.words)] : [])] });
  });
  return true;
};

/** Brackets within brackets beyond this are no manifest: a parser that follows them loses its stack, and the text with it. */
const DEEPEST = 500;
const isDeep = text => {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c === 91 || c === 123) { depth += 1; if (depth > DEEPEST) return true; } else if ((c === 93 || c === 125) && depth > 0) depth -= 1;
  }
  return false;
};
/** The language of a text that is no deeper; others are shown without it. */
const grammar = new Compartment();
const language = text => isDeep(text) ? [] : yaml();
const inserts = changes => {
  let size = 0;
  changes.iterChanges((fromA, toA, fromB, toB) => { size += toB - fromB; });
  return size;
};
const plain = EditorState.transactionExtender.of(tr => {
  if (!tr.docChanged) return null;
  const had = grammar.get(tr.startState) instanceof Array;
  // Only much at once makes a text deep; what was deep is looked at until it is not.
  if (!had && inserts(tr.changes) <= DEEPEST) return null;
  const deep = isDeep(tr.newDoc.toString());
  return deep === had ? null : { effects: grammar.reconfigure(deep ? [] : yaml()) };
});

/** How the text is called by screen readers, and reached by keyboard also where a line is longer than the editor is wide. */
const calling = label => EditorView.contentAttributes.of({
  'aria-label': label, autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false', tabindex: '0',
});

/**
 * Makes an editor in `host`.
 * `on.change(text)` follows every edit by the user, `on.apply()` Ctrl/Cmd+Enter, `on.leave()` Esc; `on.ways(text, at)` answers how
 * a word may go on, `on.field(text, at)` which field a key is of, `on.about(field)` a promise of what is said of it.
 */
export function mount(host, text, label, on) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const silent = { yes: false };
  const named = new Compartment();
  const act = name => () => { on[name](); return true; };
  const extensions = [
    lineNumbers(), lintGutter(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(),
    rectangularSelection(), indentOnInput(), bracketMatching(), highlightSelectionMatches(), indentUnit.of('  '),
    EditorState.tabSize.of(2), plain, syntaxHighlighting(ink), look,
    ways(on), shown, hoverTooltip((view, at) => tip(on, view, at), { hideOnChange: true }),
    // Notes are a part of what is said of a field.
    linter(null, { tooltipFilter: found => found.filter(({ severity }) => severity !== 'hint') }),
    named.of(calling(label)),
    keymap.of([
      { key: 'Mod-Enter', run: act('apply'), preventDefault: true },
      { key: 'F1', run: explain(on), preventDefault: true },
      { key: 'Escape', run: view => !!view.state.field(shown) && (view.dispatch({ effects: show.of(null) }), true) },
      // Tab indents a selection only; otherwise it goes on to the next region, so that nobody is caught in here.
      { key: 'Tab', run: view => !view.state.selection.main.empty && indentMore(view) },
      { key: 'Shift-Tab', run: view => !view.state.selection.main.empty && indentLess(view) },
      ...searchKeymap, ...historyKeymap, ...lintKeymap, ...defaultKeymap,
      { key: 'Escape', run: act('leave') },
    ]),
    // Left to the browser, text typed over a selection may get inline styles, which the page's policy refuses.
    EditorView.domEventHandlers({
      beforeinput(event, view) {
        if (event.inputType !== 'insertText' || event.data == null || view.composing || view.state.selection.main.empty) return false;
        event.preventDefault();
        view.dispatch(view.state.replaceSelection(event.data), { scrollIntoView: true, userEvent: 'input.type' });
        return true;
      },
    }),
    EditorView.updateListener.of(update => {
      if (update.docChanged && !silent.yes) on.change(update.state.doc.toString());
    }),
  ];
  const fresh = value => EditorState.create({ doc: value, extensions: [grammar.of(language(value)), extensions] });
  const view = new EditorView({ state: fresh(text), parent: root, root });
  const keptStates = new Map();
  let name = '';
  return {
    /** Shows a file; each keeps its own cursor and its own undo. */
    open(file, value) {
      if (name) keptStates.set(name, view.state);
      name = file;
      const kept = keptStates.get(file);
      silent.yes = true;
      view.setState(kept && kept.doc.toString() === value ? kept : fresh(value));
      silent.yes = false;
    },
    /** Replaces the text as one step that can be undone. */
    replace(value) {
      silent.yes = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
      silent.yes = false;
    },
    problems(list) {
      const doc = view.state.doc;
      view.dispatch(setDiagnostics(view.state, list.map(p => ({ ...stretch(doc, p), severity: p.severity, message: p.message }))));
    },
    goto(line, column) {
      const at = place(view.state.doc, line, column);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      view.focus();
    },
    label(value) {
      view.dispatch({ effects: named.reconfigure(calling(value)) });
    },
    focus() { view.focus(); },
  };
}
