// Links from a function to its source, for an editor of the reader's choice, which the browser keeps. Of a profile they hold a path and a
// line: the rest of each is written here.
const editors = new Map([
  ['vscode', { words: 'VS Code', address: (path, line) => `vscode://file${path}:${line}` }],
  ['jetbrains', { words: 'IntelliJ IDEA', address: (path, line) => `idea://open?file=${path}&line=${line}` }],
  ['clion', { words: 'CLion', address: (path, line) => `clion://open?file=${path}&line=${line}` }],
  ['emacs', { words: 'Emacs', address: (path, line) => `emacs://open?url=file://${path}&line=${line}` }],
  ['editor', { words: 'editor://', address: (path, line) => `editor://open/?file=${path}&line=${line}` }],
  ['none', { words: 'no editor', address: () => undefined }],
]);
const editorPlace = 'signalbox.editor';
const usualEditor = 'vscode';
const longestPath = 1024; // longer ones may have been cut to be shown

// A browser may keep nothing for a file.
function keptEditor() {
  try {
    const kept = localStorage.getItem(editorPlace);
    return editors.has(kept) ? kept : usualEditor;
  } catch {
    return usualEditor;
  }
}

function keepEditor(key) {
  try {
    localStorage.setItem(editorPlace, key);
  } catch {
    // It holds until the page is closed.
  }
}

// Whether an editor can be led there: the path is absolute, on this machine and of text alone, the line known.
function hasPlace(frame) {
  return frame.file.length <= longestPath && /^\/[^/\\\p{C}][^\\\p{C}]*$/u.test(frame.file) && Number.isSafeInteger(frame.line) && frame.line > 0;
}

// Nothing where there is no such place, or no editor.
function sourceAddress(frame, key) {
  if (!hasPlace(frame)) return undefined;
  return editors.get(key).address(frame.file.split('/').map(encodeURIComponent).join('/'), frame.line);
}

// "ledger.cpp:12", or with `path` all of it.
function sourceText(frame, { path = false } = {}) {
  const file = path ? frame.file : frame.file.slice(frame.file.lastIndexOf('/') + 1);
  return frame.line ? `${file}:${frame.line}` : file;
}

export { editors, hasPlace, keepEditor, keptEditor, sourceAddress, sourceText };
