// Reads the data that src/instruments/profile/draw/flame_data.cpp puts into a picture.
import { finishTree } from './flame_tree.js';

const kinds = ['user', 'kernel', 'inlined', 'jit', 'interpreted', 'synthetic'];
const kindLetters = 'ukijps';

// LEB128 numbers in base64, one after another.
class Numbers {
  constructor(base64) {
    this.octets = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    this.at = 0;
  }
  next() {
    let value = 0;
    let place = 1;
    for (;;) {
      const octet = this.octets[this.at++];
      value += (octet & 127) * place;
      if (octet < 128) return value;
      place *= 128;
    }
  }
  get isAtEnd() {
    return this.at >= this.octets.length;
  }
}

function readFrames(json) {
  const numbers = new Numbers(json.frames);
  const frames = [];
  while (!numbers.isAtEnd) {
    const name = numbers.next();
    const [module, file, line, kind, shade] = [numbers.next(), numbers.next(), numbers.next(), numbers.next(), numbers.next()];
    frames.push({
      name: json.names[name],
      short: json.shorts[name] || json.names[name],
      module: json.modules[module],
      file: json.files[file],
      line,
      kind: kinds[kind],
      colour: kindLetters[kind] + (kinds[kind] === 'synthetic' ? 0 : shade),
    });
  }
  return frames;
}

// A side of the tree: what was measured on each node alone.
function makeSide(size) {
  return { self: new Float64Array(size), samples: new Float64Array(size) };
}

function readNodes(json) {
  const numbers = new Numbers(json.nodes);
  const depth = [];
  const frame = [];
  const amounts = [];
  while (!numbers.isAtEnd) {
    depth.push(depth.length ? depth.at(-1) + 1 - numbers.next() : 0);
    frame.push(depth.length > 1 ? numbers.next() : 0);
    for (const unit of json.units) {
      const first = numbers.next();
      amounts.push(unit > 0 ? first * unit : first, unit > 0 ? first : numbers.next());
    }
  }
  const sides = json.units.map(() => makeSide(depth.length));
  amounts.forEach((amount, i) => {
    const node = Math.floor(i / (2 * sides.length));
    const side = sides[Math.floor(i / 2) % sides.length];
    (i % 2 ? side.samples : side.self)[node] = amount;
  });
  const [now, base] = sides;
  if (base) base.self = base.self.map((value) => value * json.base_factor);
  return finishTree(depth, frame, now, base);
}

// {threads, last, time, node, thread, value, samples}: the samples that have a time, in milliseconds; nothing where none has.
function readMoments(about) {
  if (!about.moments) return undefined;
  const numbers = new Numbers(about.moments);
  const unit = about.units[0];
  const [time, node, thread, value, samples] = [[], [], [], [], []];
  let steps = 0;
  while (!numbers.isAtEnd) {
    steps += numbers.next(); // of 100 µs
    time.push(steps / 10);
    node.push(numbers.next());
    thread.push(numbers.next());
    const amount = numbers.next();
    value.push(unit > 0 ? amount * unit : amount);
    samples.push(unit > 0 ? amount : 1);
  }
  return { threads: about.threads, last: steps / 10, time, node, thread, value, samples };
}

// {about, frames, tree}: `about` is the data as it was written, for what is told of the measurement.
function flameOf(about) {
  return { about, frames: readFrames(about), tree: readNodes(about) };
}

const readFlame = (text) => flameOf(JSON.parse(text));

export { flameOf, readFlame, readMoments };
