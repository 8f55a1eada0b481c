// When samples were taken: a row a thread, a column 10 ms or what a pixel holds, darker where there are more. A part of it is chosen by
// dragging over it, or by its two ends.
import { finishTree } from './flame_tree.js';
import { element } from './flame_app.js';
import { watchLooks } from './flame_view.js';

const rowPixels = 14;
const rowsMax = 16;
const nameWidth = 120;
const columnMilliseconds = 10;
const secondsText = (time) => (time / 1000).toFixed(2);

// The tree of the samples from one time to another, in milliseconds.
function sliceOf(tree, moments, from, to) {
  const side = { self: new Float64Array(tree.count), samples: new Float64Array(tree.count) };
  for (let i = 0; i < moments.time.length; ++i) {
    if (moments.time[i] < from || moments.time[i] >= to) continue;
    side.self[moments.node[i]] += moments.value[i];
    side.samples[moments.node[i]] += moments.samples[i];
  }
  return finishTree(tree.depth, tree.frame, side, undefined);
}

// Threads by what was measured on them; those after the first are one row.
function rowsOf(moments) {
  const sums = new Map();
  moments.thread.forEach((thread, i) => sums.set(thread, (sums.get(thread) ?? 0) + moments.value[i]));
  const order = [...sums.keys()].sort((a, b) => sums.get(b) - sums.get(a));
  const shown = order.length > rowsMax ? order.slice(0, rowsMax - 1) : order;
  const names = shown.map((thread) => moments.threads[thread]);
  if (shown.length < order.length) names.push(`${order.length - shown.length} others`);
  return { names, rowOf: new Map(order.map((thread, i) => [thread, Math.min(i, names.length - 1)])) };
}

class TimeMap {
  // `choose(from, to)` is called with milliseconds when another part is chosen.
  constructor(moments, choose) {
    this.moments = moments;
    this.choose = choose;
    this.end = Math.max(columnMilliseconds, moments.last + 1e-3);
    this.rows = rowsOf(moments);
    this.range = [0, this.end];
    this.canvas = element('canvas', { role: 'img', 'aria-label': 'Samples over time, a row for each thread' });
    const field = (words) => element('input', { type: 'number', step: '0.01', min: '0', 'aria-label': words, change: () => this.typed() });
    [this.from, this.to] = [field('From second'), field('To second')];
    this.all = element('button', { type: 'button', click: () => this.set(0, this.end) }, 'All of it');
    this.stage = element('div', { class: 'times' }, this.canvas);
    this.stage.style.height = `${this.rows.names.length * rowPixels + 22}px`;
    this.root = element('div', {}, this.stage, element('p', { class: 'part' }, 'From ', this.from, ' to ', this.to, ' seconds', this.all));
    this.close = watchLooks(this.stage, () => this.paint(), () => this.paint());
    this.listen();
    this.show();
  }
  get left() {
    return Math.min(nameWidth, this.stage.clientWidth / 4);
  }
  timeAt(x) {
    return Math.min(this.end, Math.max(0, ((x - this.left) / (this.stage.clientWidth - this.left)) * this.end));
  }
  set(from, to) {
    this.range = from < to ? [from, to] : [to, from];
    if (this.range[1] - this.range[0] < columnMilliseconds) this.range = [0, this.end];
    this.show();
    this.choose(...this.range);
  }
  show() {
    [this.from.value, this.to.value] = this.range.map(secondsText);
    this.paint();
  }
  typed() {
    // What nobody typed is as it was, and not as it is shown.
    const typedTime = (field, was) => (field.value === secondsText(was) ? was : Math.min(this.end, Math.max(0, Number(field.value) * 1000 || 0)));
    const [from, to] = [this.from, this.to].map((field, side) => typedTime(field, this.range[side]));
    this.set(from, to);
  }
  listen() {
    let began = null;
    this.canvas.addEventListener('pointerdown', (event) => {
      began = this.timeAt(event.offsetX);
      this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener('pointermove', (event) => {
      if (began === null) return;
      const at = this.timeAt(event.offsetX);
      this.range = at < began ? [at, began] : [began, at];
      this.show();
    });
    this.canvas.addEventListener('pointerup', (event) => {
      if (began === null) return;
      const from = began;
      began = null;
      this.set(from, this.timeAt(event.offsetX));
    });
  }
  paint() {
    const { clientWidth, clientHeight } = this.stage;
    if (!clientWidth) return;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    const context = this.canvas.getContext('2d');
    context.scale(ratio, ratio);
    const style = getComputedStyle(this.stage);
    const [ink, quiet, accent] = ['--ink', '--quiet', '--accent'].map((name) => style.getPropertyValue(name));
    const { left } = this;
    const width = clientWidth - left;
    const columns = Math.max(1, Math.min(Math.ceil(this.end / columnMilliseconds), Math.floor(width)));
    const counts = this.rows.names.map(() => new Float64Array(columns));
    const { moments, rows } = this;
    moments.time.forEach((time, i) => (counts[rows.rowOf.get(moments.thread[i])][Math.min(columns - 1, Math.floor((time / this.end) * columns))] += moments.samples[i]));
    const most = counts.reduce((high, row) => row.reduce((a, b) => Math.max(a, b), high), 1);
    context.font = `11.5px ${style.fontFamily}`;
    context.textBaseline = 'middle';
    counts.forEach((row, r) => {
      context.globalAlpha = 1;
      context.fillStyle = ink;
      context.fillText(rows.names[r].slice(0, Math.floor(left / 7)), 0, r * rowPixels + rowPixels / 2);
      context.fillStyle = accent;
      row.forEach((count, c) => {
        if (!count) return;
        context.globalAlpha = 0.15 + 0.85 * (count / most);
        context.fillRect(left + (c * width) / columns, r * rowPixels + 1, width / columns + 0.3, rowPixels - 2);
      });
    });
    context.globalAlpha = 1;
    context.fillStyle = quiet;
    const bottom = rows.names.length * rowPixels;
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      context.textAlign = share === 0 ? 'left' : share === 1 ? 'right' : 'center';
      context.fillText(`${((share * this.end) / 1000).toFixed(1)} s`, left + share * width, bottom + 12);
    }
    const [from, to] = this.range.map((time) => left + (time / this.end) * width);
    if (this.range[0] > 0 || this.range[1] < this.end) {
      context.strokeStyle = ink;
      context.lineWidth = 1.5;
      context.strokeRect(from, 1, Math.max(2, to - from), bottom - 1);
    }
  }
}

export { sliceOf, TimeMap };
