// The flame graph with what else is asked of it on tabs: the functions as a table, who calls one and whom it calls, and any part of the time.
import { readMoments } from './flame_data.js';
import { editors, hasPlace, keepEditor, keptEditor, sourceAddress, sourceText } from './flame_editor.js';
import { around, functionsOf, shareOf } from './flame_tree.js';
import { amountText, shareText } from './flame_text.js';
import { FlameView } from './flame_view.js';
import { element, FlameApp, hasSource } from './flame_app.js';
import { sliceOf, TimeMap } from './flame_time.js';

const rowsShown = 300;

// Where sources are, as links for the editor that the reader chose.
class Sources {
  constructor(flame, chosen) {
    this.editor = keptEditor();
    this.isTold = flame.frames.some((frame) => frame.file);
    const options = [...editors].map(([key, { words }]) => element('option', { value: key, selected: key === this.editor }, words));
    const choose = (event) => {
      this.editor = event.target.value;
      keepEditor(this.editor);
      chosen();
    };
    this.choice = flame.frames.some(hasPlace) ? element('label', { class: 'quiet' }, 'Sources open in ', element('select', { change: choose }, ...options)) : null;
  }
  // A link where there is one, else the words alone.
  place(frame, options) {
    const words = sourceText(frame, options);
    const address = sourceAddress(frame, this.editor);
    return address ? element('a', { href: address }, words) : words;
  }
}

class FunctionTable {
  // `showSource`: null where there is nobody to show it.
  constructor(flame, sources, choose, showSource) {
    this.flame = flame;
    this.sources = sources;
    this.choose = choose;
    this.showSource = showSource;
    this.hasBase = Boolean(flame.tree.base);
    this.rows = functionsOf(flame.tree).filter((row) => row.total > 0 || row.base > 0);
    for (const row of this.rows) row.change = row.total - row.base;
    this.sort = this.hasBase ? 'change' : 'self';
    this.field = element('input', { type: 'search', placeholder: 'Part of a name or module', 'aria-label': 'Filter functions', spellcheck: 'false', input: () => this.fill() });
    this.count = element('output', { class: 'found' });
    this.body = element('tbody');
    this.heads = { self: this.head('self', 'Self'), total: this.head('total', 'Total') };
    if (this.hasBase) Object.assign(this.heads, { base: this.head('base', 'Base'), change: this.head('change', 'Change') });
    this.root = element('div', { class: 'list' }, element('p', { class: 'bar' }, this.field, this.count, sources.choice), element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Functions' }, element('table', { class: this.hasBase ? 'compared' : '' }, element('thead', {}, element('tr', {}, ...Object.values(this.heads), element('th', { scope: 'col' }, 'Function'), sources.isTold ? element('th', { scope: 'col', class: 'source' }, 'Source') : null, element('th', { scope: 'col' }, 'Module'))), this.body)));
    this.fill();
  }
  head(key, words) {
    return element('th', { scope: 'col', class: 'number' }, element('button', { type: 'button', click: () => this.sortBy(key) }, words));
  }
  sortBy(key) {
    this.sort = key;
    this.fill();
  }
  amount(value) {
    const { now } = this.flame.tree;
    const cell = element('td', { class: 'number' });
    if (value > 0) cell.append(amountText(value, this.flame.about.unit), element('span', { class: 'quiet' }, shareText(shareOf(value, now.total[0], now.samples[0]))));
    return cell;
  }
  source(frame) {
    if (!this.sources.isTold) return null;
    return frame.file ? element('td', { class: 'source', title: sourceText(frame, { path: true }) }, this.sources.place(frame)) : element('td', { class: 'source' });
  }
  amountAlone(value) {
    const sign = value < 0 ? '−' : '';
    return element('td', { class: 'number' }, value === 0 ? '' : sign + amountText(Math.abs(value), this.flame.about.unit));
  }
  fill() {
    for (const [key, head] of Object.entries(this.heads)) head.setAttribute('aria-sort', key === this.sort ? 'descending' : 'none');
    const wanted = this.field.value.trim().toLowerCase();
    const { frames } = this.flame;
    const found = this.rows.filter((row) => !wanted || `${frames[row.frame].name} ${frames[row.frame].module}`.toLowerCase().includes(wanted));
    const key = (row) => (this.sort === 'change' ? Math.abs(row.change) : row[this.sort]);
    found.sort((a, b) => key(b) - key(a) || b.total - a.total);
    this.body.replaceChildren(...found.slice(0, rowsShown).map((row) => {
      const frame = frames[row.frame];
      const more = this.hasBase ? [this.amountAlone(row.base), this.amountAlone(row.change)] : [];
      const lines = this.showSource && hasSource(frame) ? element('button', { type: 'button', class: 'link lines', 'aria-label': `Source lines of ${frame.short}`, click: () => this.showSource(row.frame) }, 'source') : null;
      return element('tr', {}, this.amount(row.self), this.amount(row.total), ...more, element('td', { title: frame.name }, element('button', { type: 'button', class: 'link', click: () => this.choose(row.frame) }, frame.short), lines), this.source(frame), element('td', { class: 'quiet' }, frame.module));
    }));
    this.count.textContent = found.length > rowsShown ? `the first ${rowsShown} of ${found.length.toLocaleString('en-US')}` : `${found.length} functions`;
  }
}

// Callers above a function, callees below it.
class Sandwich {
  constructor(flame, showSource) {
    this.flame = flame;
    this.showSource = showSource;
    this.lines = element('button', { type: 'button', class: 'link lines', hidden: true, click: () => this.showSource(this.frame) }, 'Source lines');
    this.title = element('p', { class: 'name' }, 'Choose a function in the table.');
    this.stages = { callers: this.stage('Callers'), callees: this.stage('Callees') };
    this.told = element('p', { class: 'facts' });
    this.root = element('div', { class: 'sandwich' }, element('div', { class: 'head' }, this.title, this.lines), ...Object.values(this.stages).flatMap(({ label, stage }) => [label, stage]), element('div', { class: 'detail', 'aria-live': 'polite' }, this.told));
  }
  stage(words) {
    const canvas = element('canvas', { tabindex: '0', role: 'img', 'aria-label': words });
    return { label: element('p', { class: 'quiet' }, words), canvas, stage: element('div', { class: 'stage' }, canvas) };
  }
  show(frame) {
    const { flame } = this;
    this.frame = frame;
    this.lines.hidden = !this.showSource || !hasSource(flame.frames[frame]);
    this.title.textContent = flame.frames[frame].name;
    const trees = around(flame.tree, flame.frames, frame);
    for (const [key, orientation] of [['callers', 'flame'], ['callees', 'icicle']]) {
      const one = this.stages[key];
      if (one.view) one.view.setTree(trees[key]);
      else one.view = new FlameView(one.stage, one.canvas, { about: { orientation }, frames: flame.frames, tree: trees[key] }, () => this.tell(one));
      this.tell(one);
    }
  }
  close() {
    for (const { view } of Object.values(this.stages)) view?.close();
  }
  tell({ view }) {
    if (!view) return;
    const i = view.hovered >= 0 ? view.hovered : view.selected;
    const { now } = this.flame.tree;
    const value = view.amounts.total[i];
    this.told.replaceChildren(element('span', { class: 'fact' }, this.flame.frames[view.tree.frame[i]].name), element('span', { class: 'fact' }, element('b', {}, 'of all '), `${amountText(value, this.flame.about.unit)} · ${shareText(shareOf(value, now.total[0], now.samples[0]))}`));
  }
}

class Page {
  // `alone`: there is nothing else on the page: the title is drawn, and keys are the graph's wherever the focus is. `showSource`: is told the
  // frame whose source is asked for; `opened`: which tab was opened by hand.
  constructor(host, flame, { alone = true, showSource = null, opened = null } = {}) {
    this.flame = flame;
    this.whenOpened = opened;
    this.moments = readMoments(flame.about);
    this.bar = element('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Views' });
    this.places = new Map();
    const title = alone ? [element('h1', {}, flame.about.title), element('p', { class: 'quiet' }, flame.about.subtitle.join(' · '))] : [];
    host.replaceChildren(element(alone ? 'header' : 'div', { class: 'masthead' }, ...title, this.bar));
    this.host = host;
    const graph = this.add('graph', 'Flame graph');
    this.sources = new Sources(flame, () => this.newEditor());
    this.showSource = showSource;
    this.app = new FlameApp(graph, flame, this.ofApps());
    this.sandwich = new Sandwich(flame, showSource);
    this.table = new FunctionTable(flame, this.sources, (frame) => this.around(frame), showSource);
    this.add('table', 'Functions').append(this.table.root);
    this.add('around', 'Callers and callees').append(this.sandwich.root);
    if (this.moments) this.addTime();
    this.open('graph');
    if (!alone) return;
    addEventListener('keydown', (event) => {
      if (this.opened !== 'graph' || this.app.root.contains(event.target) || event.target instanceof HTMLButtonElement) return;
      this.app.key(event);
      this.app.view.key(event);
    });
  }
  add(key, words) {
    const place = element('section', { role: 'tabpanel', id: `panel-${key}`, 'aria-labelledby': `tab-${key}`, class: 'place', hidden: true });
    const tab = element('button', { type: 'button', role: 'tab', id: `tab-${key}`, 'aria-controls': `panel-${key}`, click: () => this.openByHand(key), keydown: (event) => this.tabKey(event, key) }, words);
    this.places.set(key, { place, tab });
    this.bar.append(tab);
    this.host.append(place);
    return place;
  }
  ofApps() {
    return { head: false, source: (frame) => this.sources.place(frame, { path: true }), showSource: this.showSource };
  }
  newEditor() {
    this.table.fill();
    this.app.told();
    this.slices?.told();
  }
  addTime() {
    const place = this.add('time', 'Over time');
    const below = element('div', { class: 'below' });
    this.time = new TimeMap(this.moments, (from, to) => this.slice(from, to));
    place.append(this.time.root, below);
    this.slices = new FlameApp(below, { ...this.flame, tree: sliceOf(this.flame.tree, this.moments, 0, Infinity) }, this.ofApps());
  }
  slice(from, to) {
    this.slices.setTree(sliceOf(this.flame.tree, this.moments, from, to >= this.time.end ? Infinity : to));
  }
  around(frame) {
    this.open('around');
    this.sandwich.show(frame);
  }
  // What was drawn is drawn no longer, where another page comes in its place.
  close() {
    this.app.close();
    this.sandwich.close();
    this.time?.close();
    this.slices?.close();
  }
  open(key) {
    this.opened = key;
    for (const [other, { place, tab }] of this.places) {
      place.hidden = other !== key;
      tab.setAttribute('aria-selected', String(other === key));
      tab.tabIndex = other === key ? 0 : -1;
    }
  }
  openByHand(key) {
    this.open(key);
    this.whenOpened?.(key);
  }
  // What its source is most likely asked of: the box that was chosen, else what took most itself. Nothing where no function has a source file.
  likeliest() {
    const chosen = this.app.selectedFrame();
    if (hasSource(this.flame.frames[chosen])) return chosen;
    return [...this.table.rows].sort((a, b) => b.self - a.self).find((row) => hasSource(this.flame.frames[row.frame]))?.frame;
  }
  tabKey(event, key) {
    const keys = [...this.places.keys()];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = keys[(keys.indexOf(key) + step + keys.length) % keys.length];
    this.openByHand(next);
    this.places.get(next).tab.focus();
  }
}

export { Page };

