import { afterEach, describe, expect, it, vi } from 'vitest';
import { editors, keepEditor, keptEditor, sourceAddress, sourceText } from './flame_editor.js';

const linked = [...editors.keys()].filter((key) => key !== 'none');

describe('addresses for editors', () => {
  it('are what each editor listens to', () => {
    const place = { file: '/src/ledger.cpp', line: 12 };
    expect(linked.map((key) => sourceAddress(place, key))).toEqual([
      'vscode://file/src/ledger.cpp:12',
      'idea://open?file=/src/ledger.cpp&line=12',
      'clion://open?file=/src/ledger.cpp&line=12',
      'emacs://open?url=file:///src/ledger.cpp&line=12',
      'editor://open/?file=/src/ledger.cpp&line=12',
    ]);
    expect(sourceAddress(place, 'none')).toBeUndefined();
  });

  it('hold any path as it is, and nothing of it means anything', () => {
    const file = `/a b/?line=7&file=x#y/%2e/"'<img>;:@[é😀]\`/x.c`;
    for (const key of linked) {
      const address = sourceAddress({ file, line: 3 }, key) ?? '';
      expect(address).toMatch(/^[A-Za-z0-9\-_.!~*'()%/:?=&]*$/);
      const url = new URL(address);
      const given = key === 'vscode' ? decodeURIComponent(url.pathname) : (url.searchParams.get('file') ?? url.searchParams.get('url') ?? '');
      expect(given.replace('file://', '')).toBe(key === 'vscode' ? `${file}:3` : file);
      expect(url.hash).toBe('');
      expect(url.searchParams.getAll('line')).toEqual(key === 'vscode' ? [] : ['3']);
    }
  });

  it('are none where there is no place on this machine', () => {
    const places = [
      ['', 1],
      ['ledger.cpp', 1],
      ['javascript:alert(1)', 1],
      ['data:text/html,x', 1],
      ['//host/share/x.c', 1],
      ['/\\host\\share', 1],
      ['/a\\b', 1],
      ['/a\nb', 1],
      ['/a\u202eb', 1],
      ['/a\ud800b', 1],
      ['C:/a.c', 1],
      ['<unknown>', 1],
      ['/', 1],
      [`/${'a'.repeat(1024)}`, 1],
      ['/a.c', 0],
      ['/a.c', -1],
      ['/a.c', 1.5],
      ['/a.c', Number.NaN],
    ] as const;
    for (const key of editors.keys()) for (const [file, line] of places) expect(sourceAddress({ file, line }, key), `${key} ${JSON.stringify(file)} ${line}`).toBeUndefined();
  });
});

describe('the choice of an editor', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is kept, and is one of those there are', () => {
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) });
    expect(keptEditor()).toBe('vscode');
    keepEditor('emacs');
    expect(keptEditor()).toBe('emacs');
    for (const other of ['javascript:alert(1)//', '__proto__', 'constructor', '']) {
      kept.set('signalbox.editor', other);
      expect(keptEditor()).toBe('vscode');
    }
  });

  it('is the usual one where a browser keeps nothing', () => {
    const denied = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    vi.stubGlobal('localStorage', { getItem: denied, setItem: denied });
    keepEditor('emacs');
    expect(keptEditor()).toBe('vscode');
  });
});

it('a place is told by its last part', () => {
  expect(sourceText({ file: '/src/ledger.cpp', line: 12 })).toBe('ledger.cpp:12');
  expect(sourceText({ file: '/src/ledger.cpp', line: 12 }, { path: true })).toBe('/src/ledger.cpp:12');
  expect(sourceText({ file: 'ledger.cpp', line: 0 })).toBe('ledger.cpp');
});
