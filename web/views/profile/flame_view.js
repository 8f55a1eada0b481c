// Draws a flame tree on a canvas, and moves about in it: zoom, pan, a selected box, matches of a search.
import { changeColour, changeOf, shareOf } from './flame_tree.js';
import { fittedName } from './flame_text.js';

const rowHeight = 18;
const fontSize = 12;
const family = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans Condensed', system-ui, sans-serif";
const textIndent = 5;
const leastWidth = 0.3; // of a box whose callees are looked at, in pixels
const leastText = 26;
const zoomMilliseconds = 170;
const colours = ['u', 'k', 'i', 'j', 'p'].flatMap((kind) => [0, 1, 2, 3, 4, 5, 6, 7].map((shade) => kind + shade));
colours.push('s0', 'n0', ...[1, 2, 3, 4, 5].flatMap((step) => [`m${step}`, `l${step}`]), 'ink', 'ground', 'accent', 'match', 'matchink', 'unsure');

// What the style sheet makes of each class.
function readPalette(host) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'palette');
  const swatch = document.createElementNS('http://www.w3.org/2000/svg', 'circle'); // of a rect, what is unsure is a pattern
  svg.append(swatch);
  host.append(svg);
  const palette = {};
  for (const name of colours) {
    swatch.setAttribute('class', name);
    palette[name] = getComputedStyle(swatch).fill;
  }
  svg.remove();
  return palette;
}

// Calls `recolour` when the colours change, as the system has them or as the page says by data-theme, and `resize` when `stage` has another
// size, until what it returns is called.
function watchLooks(stage, recolour, resize) {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const theme = new MutationObserver(recolour);
  const size = new ResizeObserver(resize);
  system.addEventListener('change', recolour);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  size.observe(stage);
  return () => {
    system.removeEventListener('change', recolour);
    theme.disconnect();
    size.disconnect();
  };
}

class FlameView {
  // `stage` holds the canvas and gives its size. `tell` is called when what is selected, hovered or shown changes.
  constructor(stage, canvas, flame, tell) {
    Object.assign(this, { stage, canvas, tell, frames: flame.frames });
    this.context = canvas.getContext('2d');
    this.isFlame = flame.about.orientation === 'flame';
    this.matches = null;
    this.side = 'now';
    this.texts = new Map();
    this.widths = new Map();
    this.setTree(flame.tree);
    this.recolour();
    this.close = watchLooks(stage, () => this.recolour(), () => this.resize());
    this.listen();
    this.resize();
  }

  setTree(tree) {
    this.tree = tree;
    this.hovered = -1;
    this.selected = 0;
    this.scroll = 0;
    this.setSide(this.side);
  }

  // 'now' or 'base': whose amounts are the widths.
  setSide(side) {
    this.side = this.tree.base ? side : 'now';
    this.amounts = this.tree[this.side];
    this.cancelZoom();
    this.range = [0, Math.max(this.amounts.total[0], 1e-9)];
    this.colourOf = this.tree.base ? this.changeColours() : (i) => this.frames[this.tree.frame[i]].colour;
    this.judgeUncertainty();
    this.changed();
  }

  changeColours() {
    const classes = new Array(this.tree.count);
    for (let i = 0; i < this.tree.count; ++i) classes[i] = changeColour(changeOf(this.tree, i).relative);
    return (i) => classes[i];
  }

  judgeUncertainty() {
    const { tree } = this;
    this.unsure = new Uint8Array(tree.count);
    for (let i = 1; i < tree.count; ++i) {
      const isUnsure = tree.base
        ? this.colourOf(i) !== 'n0' && changeOf(tree, i).mayBeNothing
        : shareOf(tree.now.total[i], tree.now.total[0], tree.now.samples[0]).mayBeNothing;
      this.unsure[i] = isUnsure ? 1 : 0;
    }
  }

  recolour() {
    this.palette = readPalette(this.stage);
    this.hatch = this.makeHatch();
    this.draw();
  }

  makeHatch() {
    const tile = document.createElementNS('http://www.w3.org/1999/xhtml', 'canvas');
    tile.width = tile.height = 6;
    const context = tile.getContext('2d');
    context.strokeStyle = this.palette.unsure;
    context.lineWidth = 1;
    context.beginPath();
    for (const offset of [-6, 0, 6]) {
      context.moveTo(offset, 6);
      context.lineTo(offset + 6, 0);
    }
    context.stroke();
    return this.context.createPattern(tile, 'repeat');
  }

  resize() {
    const { clientWidth, clientHeight } = this.stage;
    if (!clientWidth || !clientHeight) return;
    this.width = clientWidth;
    this.height = clientHeight;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.font = `${fontSize}px ${family}`;
    const sample = 'abcdefghijklmnopqrstuvwxyz::_ABCDEFG';
    this.character = this.context.measureText(sample).width / sample.length;
    this.scrollTo(this.scroll);
  }

  changed() {
    this.draw();
    this.tell();
  }

  draw() {
    if (this.isWaiting || !this.width) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.paint();
    });
  }

  // --- where things are

  get scale() {
    return this.width / (this.range[1] - this.range[0]);
  }
  topOf(depth) {
    return this.isFlame ? this.height - (depth + 1) * rowHeight + this.scroll : depth * rowHeight - this.scroll;
  }
  depthAt(y) {
    return Math.floor((this.isFlame ? this.height + this.scroll - y : y + this.scroll) / rowHeight);
  }
  boxOf(i) {
    const x = (this.amounts.left[i] - this.range[0]) * this.scale;
    return { x, y: this.topOf(this.tree.depth[i]), width: this.amounts.total[i] * this.scale };
  }
  // The node at a place of the canvas; -1 for none.
  nodeAt(x, y) {
    const { tree, amounts } = this;
    const value = this.range[0] + x / this.scale;
    const depth = this.depthAt(y);
    if (depth < 0 || depth > tree.deepest) return -1;
    let node = 0;
    while (tree.depth[node] < depth) {
      let child = node + 1;
      while (child < tree.end[node] && !(value >= amounts.left[child] && value < amounts.left[child] + amounts.total[child])) child = tree.end[child];
      if (child >= tree.end[node]) return -1;
      node = child;
    }
    return value >= amounts.left[node] && value < amounts.left[node] + amounts.total[node] ? node : -1;
  }

  // --- painting

  paint() {
    const { context, tree, amounts, range, scale, palette } = this;
    context.fillStyle = palette.ground;
    context.fillRect(0, 0, this.width, this.height);
    context.textBaseline = 'middle';
    const firstDepth = Math.max(0, Math.floor(this.scroll / rowHeight));
    const lastDepth = Math.ceil((this.scroll + this.height) / rowHeight);
    const taken = new Float64Array(lastDepth + 1).fill(-1); // what of each row is drawn already
    let drawn = 0;
    for (let i = 0; i < tree.count;) {
      const width = amounts.total[i] * scale;
      const x = (amounts.left[i] - range[0]) * scale;
      const depth = tree.depth[i];
      if (depth > lastDepth || width <= 0 || x > this.width || x + width < 0) {
        i = tree.end[i];
        continue;
      }
      if (depth >= firstDepth && (width >= 1 || x + width >= taken[depth] + 1)) {
        this.paintBox(i, x, width, this.topOf(depth));
        taken[depth] = x + Math.max(width, 0.5);
        ++drawn;
      }
      i = width < leastWidth ? tree.end[i] : i + 1;
    }
    this.drawn = drawn;
    if (this.hovered >= 0) this.outline(this.hovered, 1);
    if (this.selected > 0) this.outline(this.selected, 2);
  }

  paintBox(i, x, width, y) {
    const { context, palette, matches } = this;
    const frame = this.frames[this.tree.frame[i]];
    const isMatch = matches && matches[this.tree.frame[i]];
    const from = Math.max(x, 0);
    const to = Math.min(x + width, this.width);
    const visible = to - from > 2.5 ? to - from - 0.8 : Math.max(to - from, 0.6);
    context.globalAlpha = matches && !isMatch ? 0.35 : 1;
    context.fillStyle = isMatch ? palette.match : palette[this.colourOf(i)];
    context.fillRect(from, y, visible, rowHeight - 1);
    if (this.unsure[i] && visible > 3) {
      context.fillStyle = this.hatch;
      context.fillRect(from, y, visible, rowHeight - 1);
    }
    if (visible > leastText) {
      context.globalAlpha = matches && !isMatch ? 0.6 : 1;
      context.fillStyle = isMatch ? palette.matchink : palette.ink;
      const text = this.textFor(this.tree.frame[i], frame.short, visible - 2 * textIndent);
      if (text) context.fillText(text, from + textIndent, y + rowHeight / 2);
    }
    context.globalAlpha = 1;
  }

  textFor(number, name, room) {
    const characters = Math.floor(room / this.character);
    const key = number * 4096 + Math.min(characters, 4095);
    let text = this.texts.get(key);
    if (text !== undefined) return text;
    text = fittedName(name, characters);
    let less = characters;
    while (text && this.context.measureText(text).width > room) text = fittedName(name, --less);
    if (this.texts.size > 100_000) this.texts.clear();
    this.texts.set(key, text);
    return text;
  }

  outline(i, line) {
    const { x, y, width } = this.boxOf(i);
    const from = Math.max(x, 0);
    const to = Math.min(x + width, this.width);
    if (to < 0 || from > this.width) return;
    this.context.strokeStyle = line > 1 ? this.palette.accent : this.palette.ink;
    this.context.lineWidth = line;
    this.context.strokeRect(from + line / 2, y + line / 2, Math.max(to - from - line - 0.8, 0.5), rowHeight - 1 - line);
  }

  // --- moving

  get scrollMax() {
    return Math.max(0, (this.tree.deepest + 1) * rowHeight + rowHeight - this.height);
  }
  scrollTo(pixels) {
    this.scroll = Math.min(this.scrollMax, Math.max(0, pixels));
    this.draw();
  }
  get isZoomed() {
    return this.range[0] > 0 || this.range[1] < this.amounts.total[0];
  }
  cancelZoom() {
    cancelAnimationFrame(this.zooming);
  }
  show(from, to) {
    const total = this.amounts.total[0];
    const size = Math.min(total, Math.max(to - from, total * 1e-7));
    const start = Math.min(total - size, Math.max(0, from));
    this.range = [start, start + size];
    this.draw();
  }
  // Makes a node as wide as the picture.
  zoomTo(i) {
    this.cancelZoom();
    const [from, to] = this.range;
    const left = this.amounts.left[i];
    const [wantedFrom, wantedTo] = [left, left + this.amounts.total[i]];
    this.zoomed = i;
    if (!(wantedTo > wantedFrom)) return;
    const began = performance.now();
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const step = (time) => {
      const t = isCalm ? 1 : Math.min(1, Math.max(0, (time - began) / zoomMilliseconds));
      const eased = 1 - (1 - t) ** 3;
      if (t === 1) this.range = [wantedFrom, wantedTo];
      else this.range = [from + (wantedFrom - from) * eased, to + (wantedTo - to) * eased];
      this.draw();
      if (t < 1) this.zooming = requestAnimationFrame(step);
      else this.tell();
    };
    step(began);
    this.keepInSight(i);
  }
  zoomAround(x, factor) {
    this.cancelZoom();
    const at = this.range[0] + x / this.scale;
    this.show(at - (at - this.range[0]) * factor, at + (this.range[1] - at) * factor);
    this.tell();
  }
  reset() {
    this.selected = 0;
    this.zoomTo(0);
    this.tell();
  }
  select(i) {
    this.selected = i;
    this.keepInSight(i);
    this.changed();
  }
  keepInSight(i) {
    const depth = this.tree.depth[i];
    const edge = 2 * rowHeight;
    if (depth * rowHeight < this.scroll + edge) this.scrollTo(depth * rowHeight - edge);
    if ((depth + 1) * rowHeight > this.scroll + this.height - edge) this.scrollTo((depth + 1) * rowHeight - this.height + edge);
  }
  turn() {
    this.isFlame = !this.isFlame;
    this.changed();
  }
  setMatches(matches) {
    this.matches = matches;
    this.draw();
  }

  // --- hands

  listen() {
    const { canvas } = this;
    let drag = null;
    canvas.addEventListener('pointerdown', (event) => {
      drag = { x: event.offsetX, y: event.offsetY, range: [...this.range], scroll: this.scroll, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (drag) {
        const [dx, dy] = [event.offsetX - drag.x, event.offsetY - drag.y];
        if (Math.hypot(dx, dy) > 4) drag.moved = true;
        if (!drag.moved) return;
        const shift = dx / this.scale;
        this.show(drag.range[0] - shift, drag.range[1] - shift);
        this.scrollTo(drag.scroll + (this.isFlame ? dy : -dy));
        return;
      }
      this.hover(this.nodeAt(event.offsetX, event.offsetY));
    });
    canvas.addEventListener('pointerup', (event) => {
      const isClick = drag && !drag.moved;
      drag = null;
      if (!isClick) return;
      const node = this.nodeAt(event.offsetX, event.offsetY);
      if (node < 0) return;
      this.selected = node;
      this.zoomTo(node);
      this.tell();
    });
    canvas.addEventListener('pointercancel', () => (drag = null));
    canvas.addEventListener('pointerleave', () => this.hover(-1));
    canvas.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    canvas.addEventListener('keydown', (event) => this.key(event));
  }
  hover(node) {
    if (node === this.hovered) return;
    this.hovered = node;
    this.canvas.style.cursor = node >= 0 ? 'pointer' : 'default';
    this.changed();
  }
  wheel(event) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      this.zoomAround(event.offsetX, Math.exp(event.deltaY * 0.004));
      return;
    }
    const lines = event.deltaMode === 1 ? rowHeight * 2 : 1;
    const [dx, dy] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
    if (dx) {
      const shift = (dx * lines) / this.scale;
      this.show(this.range[0] + shift, this.range[1] + shift);
    }
    if (dy) this.scrollTo(this.scroll + (this.isFlame ? -dy : dy) * lines);
  }
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const up = this.isFlame ? 1 : -1;
    const steps = {
      ArrowUp: () => this.walk(up),
      ArrowDown: () => this.walk(-up),
      ArrowLeft: () => this.sideways(-1),
      ArrowRight: () => this.sideways(1),
      Enter: () => this.zoomTo(this.selected),
      Home: () => this.reset(),
      '+': () => this.zoomAround(this.width / 2, 0.7),
      '-': () => this.zoomAround(this.width / 2, 1.4),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  }
  // Away from the root to the widest child, or toward it.
  walk(direction) {
    const { tree, amounts, selected } = this;
    if (direction < 0) {
      if (selected > 0) this.select(tree.parent[selected]);
      return;
    }
    let widest = -1;
    for (let child = selected + 1; child < tree.end[selected]; child = tree.end[child])
      if (widest < 0 || amounts.total[child] > amounts.total[widest]) widest = child;
    if (widest >= 0 && amounts.total[widest] > 0) this.select(widest);
  }
  // To the next box of the same row.
  sideways(direction) {
    const { tree, amounts, selected } = this;
    const depth = tree.depth[selected];
    for (let i = selected + direction; i > 0 && i < tree.count; i += direction) {
      if (tree.depth[i] === depth && amounts.total[i] > 0) {
        this.select(i);
        return;
      }
    }
  }
}

export { FlameView, watchLooks };
