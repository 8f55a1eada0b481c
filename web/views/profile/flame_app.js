// What is around the canvas of a flame graph: search, buttons, what is known of a box. It builds its elements itself, so that it works
// in a page and in an SVG file.
import { changeOf, leafFirst, shareOf, vanishedNodes } from './flame_tree.js';
import { amountText, percentText, shareText } from './flame_text.js';
import { FlameView } from './flame_view.js';

const vanishedShown = 200;
const kindWords = { user: 'user', kernel: 'kernel', inlined: 'inlined', jit: 'jit', interpreted: 'interpreted', synthetic: 'of the profile itself' };
const changeSigns = [['l5', 'gone'], ['l2', 'less'], ['n0', 'as before'], ['m2', 'more'], ['m5', 'new']];

// An element; properties that are functions listen, the rest are attributes; children are elements or text.
function element(tag, properties = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/1999/xhtml', tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function sign(colour, words) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'sign');
  svg.setAttribute('viewBox', '0 0 11 11');
  svg.setAttribute('aria-hidden', 'true');
  const box = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  box.setAttribute('class', colour);
  box.setAttribute('width', '11');
  box.setAttribute('height', '11');
  box.setAttribute('rx', '2');
  svg.append(box);
  return element('span', { class: 'key' }, svg, words);
}

function legend(flame) {
  if (flame.tree.base) return changeSigns.map(([colour, words]) => sign(colour, words));
  const there = new Set(flame.frames.slice(1).map((frame) => frame.kind));
  return Object.entries(kindWords).filter(([kind]) => there.has(kind)).map(([kind, words]) => sign(kind === 'synthetic' ? 's0' : `${{ user: 'u', kernel: 'k', inlined: 'i', jit: 'j', interpreted: 'p' }[kind]}4`, words));
}

const sourceWords = (frame) => (frame.line ? `${frame.file}:${frame.line}` : frame.file);

// A regular expression, or what was typed where it is none.
function expressionOf(text) {
  try {
    return new RegExp(text, 'iu');
  } catch {
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'iu');
  }
}

// Whether a profile says which source file a function is of.
const hasSource = (frame) => Boolean(frame.file) && frame.kind !== 'synthetic';

// Which frames a search finds, and the sum of the boxes that match, those above one another once.
function search(flame, tree, side, text) {
  const expression = expressionOf(text);
  const matches = Uint8Array.from(flame.frames, (frame, i) => (i > 0 && (expression.test(frame.name) || expression.test(frame.short)) ? 1 : 0));
  let value = 0;
  let count = 0;
  let largest = -1;
  const amounts = tree[side];
  for (let i = 1; i < tree.count;) {
    if (!matches[tree.frame[i]]) {
      ++i;
      continue;
    }
    if (largest < 0 || amounts.total[i] > amounts.total[largest]) largest = i;
    value += amounts.total[i];
    ++count;
    i = tree.end[i];
  }
  return { matches, value, count, largest };
}

class FlameApp {
  // `head`: whether the title is drawn too; `sought`: what was sought in the picture that this one follows; `source`: what tells where a
  // frame's source is, a text or an element; `showSource`: is told the frame whose source is asked for. The text in `host` is replaced.
  constructor(host, flame, { head = true, sought = null, source = sourceWords, showSource = null } = {}) {
    this.flame = flame;
    this.source = source;
    this.showSource = showSource;
    this.rootFirst = flame.tree;
    this.found = null;
    this.build(host, head);
    this.view = new FlameView(this.stage, this.canvas, flame, () => this.told());
    this.told();
    if (sought?.text) {
      this.field.value = sought.text;
      this.search();
    }
    if (sought?.isTyping) this.field.focus();
  }

  sought() {
    return { text: this.field.value, isTyping: document.activeElement === this.field };
  }
  close() {
    this.view.close();
  }

  build(host, head) {
    const { about } = this.flame;
    const button = (words, press, more = {}) => element('button', { type: 'button', click: press, ...more }, words);
    this.field = element('input', { type: 'search', placeholder: 'Search, text or expression', 'aria-label': 'Search for functions', spellcheck: 'false', autocomplete: 'off', input: () => this.search(), keydown: (event) => this.fieldKey(event) });
    this.output = element('output', { class: 'found' });
    this.resetButton = button('Whole picture', () => this.view.reset(), { title: 'Home', disabled: true });
    this.turnButton = button('', () => this.turn(), { title: 'Turn upside down' });
    this.reverseButton = button('Leaf first', () => this.reverse(), { 'aria-pressed': 'false', title: 'Functions where time was spent first, their callers above' });
    this.sideButton = this.flame.tree.base ? button('Width: new', () => this.swapSide(), { title: 'Whose amounts are the widths' }) : null;
    this.goneButton = this.flame.tree.base ? button('Gone', () => this.panel(this.gone())) : null;
    this.sourceButton = this.showSource ? button('Source lines', () => this.showSource(this.selectedFrame()), { title: 'Of the box that was chosen', disabled: true }) : null;
    this.aboutButton = button('About', () => this.panel(this.aboutPanel()), { title: 'What is known of this measurement, and keys' });
    this.canvas = element('canvas', { tabindex: '0', role: 'img', 'aria-label': `Flame graph: ${about.title}. Arrows walk, Enter zooms, Escape goes back.` });
    this.sheet = element('div', { class: 'sheet', hidden: true, tabindex: '-1' });
    this.stage = element('div', { class: 'stage' }, this.canvas, this.sheet);
    this.name = element('p', { class: 'name' });
    this.facts = element('p', { class: 'facts' });
    this.detail = element('div', { class: 'detail', 'aria-live': 'polite' }, this.name, this.facts);
    const title = element('header', {}, element('h1', {}, about.title), about.subtitle.length ? element('p', { class: 'quiet' }, about.subtitle.join(' · ')) : null, element('p', { class: 'legend' }, ...legend(this.flame)));
    const bar = element('div', { class: 'bar', role: 'toolbar', 'aria-label': 'Flame graph' }, this.field, this.output, this.resetButton, this.turnButton, this.reverseButton, this.sideButton, this.goneButton, this.sourceButton, this.aboutButton);
    this.root = element('div', { class: 'flame', keydown: (event) => this.key(event) }, head ? title : element('p', { class: 'legend' }, ...legend(this.flame)), bar, this.stage, this.detail);
    host.replaceChildren(this.root);
    this.turnButton.textContent = about.orientation === 'flame' ? 'Icicle' : 'Flame';
  }

  // --- what the buttons do

  turn() {
    this.view.turn();
    this.turnButton.textContent = this.view.isFlame ? 'Icicle' : 'Flame';
  }
  reverse() {
    const isLeafFirst = this.view.tree === this.rootFirst;
    this.leafFirst ??= leafFirst(this.rootFirst, this.flame.frames);
    this.reverseButton.setAttribute('aria-pressed', String(isLeafFirst));
    this.view.setTree(isLeafFirst ? this.leafFirst : this.rootFirst);
    this.search();
  }
  // Another tree of the same frames: a slice of time, the callers of a function.
  setTree(tree) {
    this.rootFirst = tree;
    this.leafFirst = undefined;
    this.reverseButton.setAttribute('aria-pressed', 'false');
    this.view.setTree(tree);
    this.search();
  }
  swapSide() {
    this.view.setSide(this.view.side === 'now' ? 'base' : 'now');
    this.sideButton.textContent = this.view.side === 'now' ? 'Width: new' : 'Width: base';
    this.search();
  }

  // --- search

  search() {
    const text = this.field.value.trim();
    const { view } = this;
    this.found = text ? search(this.flame, view.tree, view.side, text) : null;
    view.setMatches(this.found && this.found.matches);
    if (!this.found) this.output.textContent = '';
    else if (!this.found.count) this.output.textContent = 'nothing found';
    else this.output.textContent = `${shareText(this.share(this.found.value))} in ${this.found.count.toLocaleString('en-US')} ${this.found.count === 1 ? 'box' : 'boxes'}`;
  }
  fieldKey(event) {
    if (event.key === 'Enter' && this.found && this.found.largest >= 0) {
      event.preventDefault();
      this.view.select(this.found.largest);
      this.canvas.focus();
    }
  }
  key(event) {
    if (event.key === 'Escape') {
      event.preventDefault();
      this.goBack();
      return;
    }
    const isTyping = event.target === this.field;
    const isFind = (event.ctrlKey || event.metaKey) && event.key === 'f';
    if (isFind || (event.key === '/' && !isTyping)) {
      event.preventDefault();
      this.focusSearch();
    }
  }
  focusSearch() {
    this.field.focus();
    this.field.select();
  }
  // One step toward how it was at first: what is open is closed, then the search, then the zoom.
  goBack() {
    if (!this.sheet.hidden) this.closePanel();
    else if (this.field.value) {
      this.field.value = '';
      this.search();
      this.canvas.focus();
    } else this.view.reset();
  }

  selectedFrame() {
    return this.view.tree.frame[this.view.selected];
  }

  // --- what is told

  share(value) {
    const amounts = this.view.amounts;
    return shareOf(value, amounts.total[0], amounts.samples[0]);
  }
  amount(value) {
    return amountText(value, this.flame.about.unit);
  }
  told() {
    if (!this.view) return;
    const { view } = this;
    this.resetButton.disabled = !view.isZoomed;
    if (this.sourceButton) this.sourceButton.disabled = !hasSource(this.flame.frames[this.selectedFrame()]);
    const i = view.hovered >= 0 ? view.hovered : view.selected;
    const frame = this.flame.frames[view.tree.frame[i]];
    this.name.replaceChildren(frame.name);
    this.name.title = frame.name;
    this.facts.replaceChildren(...this.factsOf(i, frame).map(([words, value, kind]) => element('span', { class: kind ?? 'fact' }, element('b', {}, words), value)));
  }
  factsOf(i, frame) {
    const { tree, amounts } = this.view;
    const whole = i > 0 ? ` · ${shareText(this.share(amounts.total[i]))}` : '';
    const facts = [['total ', `${this.amount(amounts.total[i])}${whole}`]];
    if (amounts.self[i] > 0) facts.push(['self ', `${this.amount(amounts.self[i])} · ${shareText(this.share(amounts.self[i]))}`]);
    if (tree.base) {
      const change = changeOf(tree, i);
      facts.push(['new ', this.amount(tree.now.total[i])], ['base ', this.amount(tree.base.total[i])]);
      const isSame = Math.abs(change.relative) < 5e-4;
      facts.push(['change ', isSame ? 'none' : `${change.relative > 0 ? '+' : ''}${percentText(change.relative)}${change.mayBeNothing ? ', may be chance' : ''}`]);
    } else if (this.view.unsure[i]) facts.push(['', 'fewer than 4 samples: hardly told from nothing', 'fact caution']);
    if (i > 0) {
      if (frame.kind !== 'synthetic') facts.push(['', kindWords[frame.kind]]);
      if (frame.module) facts.push(['in ', frame.module]);
      if (frame.file) facts.push(['at ', this.source(frame)]);
    }
    return facts;
  }

  // --- sheets over the picture

  panel(content) {
    const isOpen = !this.sheet.hidden && this.sheet.dataset.of === content.dataset.of;
    if (isOpen) {
      this.closePanel();
      return;
    }
    this.sheet.dataset.of = content.dataset.of;
    this.sheet.replaceChildren(element('button', { type: 'button', class: 'close', 'aria-label': 'Close', click: () => this.closePanel() }, '×'), content);
    this.sheet.hidden = false;
    this.sheet.focus();
  }
  closePanel() {
    this.sheet.hidden = true;
    this.canvas.focus();
  }
  aboutPanel() {
    const { about } = this.flame;
    const rows = about.facts.map(([key, text]) => element('tr', {}, element('th', { scope: 'row' }, key), element('td', {}, text)));
    const keys = [['Click, Enter', 'zoom to a box'], ['Arrows', 'walk from box to box'], ['Escape, Home', 'back to the whole picture'], ['/, Ctrl F', 'search'], ['Wheel, drag', 'move; with Ctrl the wheel zooms']];
    const pruned = about.frames_pruned > 0 ? `${about.frames_pruned.toLocaleString('en-US')} boxes smaller than ${percentText(about.prune_share)} of all are drawn together with their neighbours. No total changes.` : 'Every stack is drawn.';
    const untimed = about.moments_left_out > 0 ? ` When each of the ${about.moments_left_out.toLocaleString('en-US')} samples was taken is left out: a page holds a million.` : '';
    return element('div', { 'data-of': 'about' },
      rows.length ? element('h2', {}, 'The measurement') : null, element('table', {}, element('tbody', {}, ...rows)),
      element('h2', {}, 'The picture'), element('p', {}, `The width of a box is what was measured in a function and in all that it called. ${pruned} Percentages in brackets are the 95 % interval; hatched boxes can hardly be told from nothing.${untimed}`),
      element('h2', {}, 'Keys'), element('table', {}, element('tbody', {}, ...keys.map(([key, text]) => element('tr', {}, element('th', { scope: 'row' }, key), element('td', {}, text))))));
  }
  gone() {
    const { frames } = this.flame;
    const tree = this.rootFirst;
    const nodes = vanishedNodes(tree);
    const row = (i) => element('tr', {}, element('td', { class: 'number' }, this.amount(tree.base.total[i])), element('td', { title: frames[tree.frame[i]].name }, frames[tree.frame[i]].short, tree.parent[i] > 0 ? element('span', { class: 'quiet' }, ` ← ${frames[tree.frame[tree.parent[i]]].short}`) : null));
    return element('div', { 'data-of': 'gone' }, element('h2', {}, 'In the base, gone now'), nodes.length ? element('table', {}, element('tbody', {}, ...nodes.slice(0, vanishedShown).map(row))) : element('p', {}, 'Every stack of the base is still there.'), nodes.length > vanishedShown ? element('p', { class: 'quiet' }, `and ${nodes.length - vanishedShown} more`) : null);
  }
}

export { element, FlameApp, hasSource };
