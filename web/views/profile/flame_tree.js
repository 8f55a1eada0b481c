// A flame graph's tree as arrays, a number for each node in preorder, and what is asked of it.

// Adds to each node what is above it, and places it: `left` is where it begins, in the unit of the value.
function addUp(depth, parent, side) {
  const count = depth.length;
  const total = Float64Array.from(side.self);
  const samples = Float64Array.from(side.samples);
  for (let i = count - 1; i > 0; --i) {
    total[parent[i]] += total[i];
    samples[parent[i]] += samples[i];
  }
  const left = new Float64Array(count);
  const next = new Float64Array(count);
  for (let i = 1; i < count; ++i) {
    left[i] = next[parent[i]];
    next[i] = left[i];
    next[parent[i]] += total[i];
  }
  return { self: side.self, total, samples, left };
}

// `now` and `base` hold what was measured on each node alone; `base` only in a difference. `end` is the number
// behind the last node above one.
function finishTree(depths, frames, now, base) {
  const count = depths.length;
  const depth = Uint16Array.from(depths);
  const parent = new Int32Array(count).fill(-1);
  const end = new Uint32Array(count);
  const open = [];
  let deepest = 0;
  for (let i = 0; i < count; ++i) {
    while (open.length > depth[i]) end[open.pop()] = i;
    if (open.length) parent[i] = open.at(-1);
    open.push(i);
    deepest = Math.max(deepest, depth[i]);
  }
  while (open.length) end[open.pop()] = count;
  return {
    count, depth, parent, end, deepest,
    frame: Uint32Array.from(frames),
    now: addUp(depth, parent, now),
    base: base && addUp(depth, parent, base),
  };
}

// Collects stacks into a new tree.
class TreeBuilder {
  constructor(hasBase) {
    this.hasBase = hasBase;
    this.root = this.make(0);
  }
  make(frame) {
    return { frame, children: new Map(), now: [0, 0], base: [0, 0] };
  }
  child(node, frame) {
    let found = node.children.get(frame);
    if (!found) node.children.set(frame, (found = this.make(frame)));
    return found;
  }
  // What was measured on node `i` of `tree` alone.
  addOwn(node, tree, i, own) {
    for (const side of this.hasBase ? ['now', 'base'] : ['now']) {
      node[side][0] += tree[side].self[i];
      node[side][1] += own[side][i];
    }
  }
  // Children by name; `order` has a number for each frame.
  finish(order) {
    const [depth, frame, now, base] = [[], [], [[], []], [[], []]];
    const waiting = [[this.root, 0]];
    while (waiting.length) {
      const [node, level] = waiting.pop();
      depth.push(level);
      frame.push(node.frame);
      for (const k of [0, 1]) {
        now[k].push(node.now[k]);
        base[k].push(node.base[k]);
      }
      const children = [...node.children.values()].sort((a, b) => order[b.frame] - order[a.frame]);
      for (const child of children) waiting.push([child, level + 1]);
    }
    const side = ([self, samples]) => ({ self: Float64Array.from(self), samples: Float64Array.from(samples) });
    return finishTree(depth, frame, side(now), this.hasBase ? side(base) : undefined);
  }
}

// A number for each frame, in the order of their names; what stands for pruned frames is last.
function orderOfFrames(frames) {
  const numbers = frames.map((_, i) => i);
  const isPruned = (frame) => frame.kind === 'synthetic' && frame.name.startsWith('[smaller than');
  numbers.sort((a, b) => isPruned(frames[a]) - isPruned(frames[b]) || (frames[a].name < frames[b].name ? -1 : frames[a].name > frames[b].name ? 1 : a - b));
  const order = new Uint32Array(frames.length);
  numbers.forEach((frame, place) => (order[frame] = place));
  return order;
}

// Samples on each node alone.
function ownSamples(tree) {
  const of = (side) => {
    const own = Float64Array.from(side.samples);
    for (let i = 1; i < tree.count; ++i) own[tree.parent[i]] -= side.samples[i];
    return own;
  };
  return { now: of(tree.now), base: tree.base && of(tree.base) };
}

const hasOwn = (tree, i) => tree.now.self[i] > 0 || (tree.base && tree.base.self[i] > 0);

// The function where time was spent first, its callers above it.
function leafFirst(tree, frames) {
  const builder = new TreeBuilder(Boolean(tree.base));
  const own = ownSamples(tree);
  for (let i = 0; i < tree.count; ++i) {
    if (!hasOwn(tree, i)) continue;
    let node = builder.root;
    for (let at = i; at > 0; at = tree.parent[at]) node = builder.child(node, tree.frame[at]);
    builder.addOwn(node, tree, i, own);
  }
  return builder.finish(orderOfFrames(frames));
}

// The stacks that a function is in. `callees`: from its first call on; `callers`: it, then who called it first.
function around(tree, frames, frame) {
  const [callees, callers] = [new TreeBuilder(Boolean(tree.base)), new TreeBuilder(Boolean(tree.base))];
  const own = ownSamples(tree);
  for (let i = 0; i < tree.count; ++i) {
    if (!hasOwn(tree, i)) continue;
    const path = [];
    for (let at = i; at > 0; at = tree.parent[at]) path.push(tree.frame[at]);
    path.reverse();
    const first = path.indexOf(frame);
    if (first < 0) continue;
    let node = callees.root;
    for (const step of path.slice(first)) node = callees.child(node, step);
    callees.addOwn(node, tree, i, own);
    node = callers.root;
    for (const step of path.slice(0, first + 1).reverse()) node = callers.child(node, step);
    callers.addOwn(node, tree, i, own);
  }
  const order = orderOfFrames(frames);
  return { callees: callees.finish(order), callers: callers.finish(order) };
}

// Self and total of each function: [{frame, self, total, samples, base}]. Once for each stack, however often it calls itself.
function functionsOf(tree) {
  const rows = new Map();
  const open = [];
  const inside = new Map();
  for (let i = 1; i < tree.count; ++i) {
    while (open.length >= tree.depth[i]) {
      const frame = tree.frame[open.pop()];
      inside.set(frame, inside.get(frame) - 1);
    }
    const frame = tree.frame[i];
    const outer = inside.get(frame) ?? 0;
    inside.set(frame, outer + 1);
    open.push(i);
    let row = rows.get(frame);
    if (!row) rows.set(frame, (row = { frame, self: 0, total: 0, base: 0 }));
    row.self += tree.now.self[i];
    if (outer > 0) continue;
    row.total += tree.now.total[i];
    if (tree.base) row.base += tree.base.total[i];
  }
  return [...rows.values()];
}

// The 95 % interval of Wilson (1927) of a share of n samples.
function wilson(share, n) {
  const z = 1.959963984540054;
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

// {share, interval, mayBeNothing} of a value among `total`, of `samples` samples in all (0: not counted).
function shareOf(value, total, samples) {
  const share = total > 0 ? Math.min(1, Math.max(0, value / total)) : 0;
  if (!(samples > 0)) return { share, mayBeNothing: false };
  return { share, interval: wilson(share, samples), mayBeNothing: share <= 1.96 * Math.sqrt((share * (1 - share)) / samples) };
}

// How node `i` compares with the base.
function changeOf(tree, i) {
  const [now, base] = [tree.now.total[i], tree.base.total[i]];
  const larger = Math.max(now, base);
  const deviation = (value, samples) => (samples > 0 ? value / Math.sqrt(samples) : 0);
  const uncertain = 1.96 * Math.hypot(deviation(now, tree.now.samples[i]), deviation(base, tree.base.samples[i]));
  return { change: now - base, relative: larger > 0 ? (now - base) / larger : 0, mayBeNothing: Math.abs(now - base) <= uncertain };
}

// The class of its colour, as box_class.cpp gives it.
function changeColour(relative) {
  const size = Math.abs(relative);
  if (size < 0.02) return 'n0';
  return (relative > 0 ? 'm' : 'l') + Math.min(5, Math.max(1, Math.ceil(size * 5)));
}

// Nodes that only the base has, the largest first.
function vanishedNodes(tree) {
  const found = [];
  for (let i = 1; i < tree.count; ++i) {
    const parent = tree.parent[i];
    if (tree.now.total[i] === 0 && tree.base.total[i] > 0 && (parent === 0 || tree.now.total[parent] > 0)) found.push(i);
  }
  return found.sort((a, b) => tree.base.total[b] - tree.base.total[a]);
}

export { around, changeColour, changeOf, finishTree, functionsOf, leafFirst, orderOfFrames, shareOf, TreeBuilder, vanishedNodes };
