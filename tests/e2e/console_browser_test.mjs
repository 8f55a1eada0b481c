#!/usr/bin/env node
// The console on a real `signalbox serve`, as a person meets it: the link, a NO-GO board that turns GO by itself, evidence and its proofs, the
// keyboard, and every way in which there is nothing to see.
import assert from 'node:assert/strict';
import { launch, look, makeRepository, newPage, runSteps, serve, tabThrough } from './browser.mjs';

const firstPageBytesMax = 45_000;
const repository = makeRepository();
let server = await serve(repository);
const browser = await launch();
const problems = [];
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
let page = await newPage(context, problems);

async function theLinkWorksOnce() {
  const sizes = [];
  page.on('response', async (response) => {
    const path = new URL(response.url()).pathname;
    if (path === '/' || path.startsWith('/assets/')) sizes.push(response.request().sizes().then((size) => size.responseBodySize));
  });
  await page.goto(server.link);
  assert.equal(page.url(), server.address);
  await page.waitForSelector('[data-decision="NO-GO"]');
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size);
  console.log(`first page: ${bytes} bytes`);
  assert.ok(bytes > 5_000 && bytes < firstPageBytesMax, `the first page takes ${bytes} bytes`);
  page.removeAllListeners('response');

  const stranger = await browser.newContext();
  const second = await stranger.newPage();
  assert.equal((await second.goto(server.link)).status(), 403);
  assert.deepEqual(await stranger.cookies(), []);
  await second.goto(server.address);
  await second.waitForSelector('text=This page opens with a link');
  const refused = await second.evaluate(async () => {
    const response = await fetch('/api/v1/train/decision');
    return [response.status, response.headers.get('content-type'), (await response.json()).status];
  });
  assert.deepEqual(refused, [401, 'application/problem+json', 401]);
  await look(second, 'closed');
  await stranger.close();
}

async function theBoardGoesGoByItself() {
  await page.waitForSelector('header [data-state="live"]');
  assert.equal(await page.getAttribute('[data-gate="tests"]', 'data-verdict'), 'fail');
  assert.match(await page.title(), /^NO-GO · Departure · /);
  await look(page, 'board-no-go');

  await page.evaluate(() => (window.sinceNoGo = true));
  repository.addTests();
  await page.waitForSelector('[data-decision="GO"]');
  assert.equal(await page.getAttribute('[data-gate="tests"]', 'data-verdict'), 'pass');
  assert.equal(await page.evaluate(() => window.sinceNoGo), true, 'the page was not loaded again');
  assert.match(await page.title(), /^GO · Departure · /);
  assert.match(await page.getAttribute('link[rel="icon"]', 'href'), /icon-go/);
  await page.waitForTimeout(2_000); // the train rolls
  await look(page, 'board-go');

  repository.addTests(1);
  await page.waitForSelector('[data-decision="NO-GO"]');
  repository.addTests();
  await page.waitForSelector('[data-decision="GO"]');
}

async function eachEntryIsProven() {
  await page.goto(`${server.address}#/evidence`);
  await page.waitForSelector('[data-log="holds"]');
  const newest = Number(await page.getAttribute('li[data-index]', 'data-index'));
  assert.ok(newest >= 2);
  repository.addTests();
  await page.waitForSelector(`li.fresh[data-index="${newest + 1}"]`);
  await look(page, 'evidence');
  await page.reload();
  await page.waitForSelector('[data-log="holds"]');

  for (const index of [newest + 1, 1, 0]) {
    await page.goto(`${server.address}#/evidence/${index}`);
    await page.waitForSelector(`h1:has-text("#${index}")`);
    await page.waitForSelector('.proof[data-holds="true"]');
    assert.equal(await page.locator('[data-link][data-answer="holds"]').count(), 5);
    const [computed, signed] = await Promise.all(['root', 'signed'].map((which) => page.getAttribute(`[data-hash="${which}"]`, 'title')));
    assert.equal(computed, signed);
    const checkpoint = await (await fetch(`${server.address}evidence/checkpoint`, { headers: { cookie: await cookie() } })).text();
    assert.equal(signed, Buffer.from(checkpoint.split('\n')[2], 'base64').toString('hex'));
  }
  await look(page, 'entry');
}

async function cookie() {
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
}

const flip = (base64) => {
  const octets = Buffer.from(base64, 'base64');
  octets[octets.length >> 1] ^= 1;
  return octets.toString('base64');
};
const flipHex = (hex) => (parseInt(hex[0], 16) ^ 1).toString(16) + hex.slice(1);
const flipLine = (note, line) => note.split('\n').map((text, i) => (i === line ? flip(text) : text)).join('\n');

// Two addresses that follow each other at once are told to a page as the last of them alone, so what lies between is waited for.
async function openAnew(place, between, ready) {
  await page.goto(`${server.address}${between}`);
  await page.waitForSelector(ready);
  await page.goto(`${server.address}${place}`);
}

// One bit of an answer is another on its way: the page says that it does not hold, and what of it.
async function aFlippedBitIsFoundAndNamed() {
  const index = 1;
  const lies = [
    ['entries', 'leaf', (body) => ({ ...body, record: flip(body.record) }), /The record does not hash to leaf 1/],
    ['entries', 'envelope', (body) => ({ ...body, envelope_octets: flip(body.envelope_octets) }), /not the one that the record commits to/],
    ['entries', 'envelope', (body) => ({ ...body, salt: flip(body.salt) }), /not the one that the record commits to/],
    ['entries', 'leaf', (body) => ({ ...body, leaf: flipHex(body.leaf) }), /leaf 1/],
    ['proof', 'path', (body) => ({ ...body, proof: [flipHex(body.proof[0]), ...body.proof.slice(1)] }), /the hash of entry 0 is not the tree's/],
    ['proof', 'path', (body) => ({ ...body, proof: [...body.proof.slice(0, -1), flipHex(body.proof.at(-1))] }), /the hash of entr.* is not the tree's/],
    ['proof', 'checkpoint', (body) => ({ ...body, checkpoint: flipLine(body.checkpoint, 2) }), /not signed by the log's key/],
    ['proof', 'leaf', (body) => ({ ...body, leaf: flipHex(body.leaf) }), /leaf 1/],
  ];
  // One route for all of them: Chromium was seen to let requests past one that was set anew between two addresses.
  let told = ['', (body) => body];
  await page.route(new RegExp(`/api/v1/evidence/(entries|proof)/${index}$`), async (route) => {
    const response = await route.fetch();
    const [which, lie] = told;
    const body = await response.json();
    await route.fulfill({ response, json: route.request().url().includes(`/${which}/`) ? lie(body) : body });
  });
  for (const [which, broken, lie, says] of lies) {
    await page.goto(`${server.address}#/evidence`);
    await page.waitForSelector('li[data-index]');
    told = [which, lie];
    await page.goto(`${server.address}#/evidence/${index}`);
    await page.waitForSelector(`.proof[data-holds="false"][data-broken="${broken}"]`);
    assert.match(await page.textContent('.proof .verdict'), says);
    if (broken === 'path') await look(page, 'entry-broken');
  }
  told = ['', (body) => body];
  // The page can show it by itself, too.
  await page.unrouteAll({ behavior: 'wait' });
  await openAnew(`#/evidence/${index}`, '#/evidence', 'li[data-index]');
  for (const [what, broken] of [['the record', 'leaf'], ['the envelope', 'envelope'], ['a hash of the proof', 'path'], ['the checkpoint', 'checkpoint'], ['nothing', '']]) {
    await page.selectOption('.proof select', what);
    await page.waitForSelector(`.proof[data-broken="${broken}"]`);
  }
}

// What this browser saw of the log before is not forgotten: a log that was rolled back, rewritten or signed anew is found out.
async function aLogThatWasChangedIsFoundOut() {
  const read = () => page.evaluate(() => Object.entries(localStorage).find(([key]) => key.startsWith('log ')));
  const [key, kept] = await read();
  const seen = JSON.parse(kept);
  const lies = [
    [{ ...seen, size: seen.size + 9 }, /rolled back/],
    [{ ...seen, size: 2, root: flipHex(seen.root) }, /rewritten/],
    [{ ...seen, vkey: `${seen.vkey}x` }, /another key/],
  ];
  for (const [lie, says] of lies) {
    await page.evaluate(([k, v]) => localStorage.setItem(k, v), [key, JSON.stringify(lie)]);
    await openAnew('#/evidence', '#/evidence/0', 'h1:has-text("#0")');
    await page.waitForSelector('[data-log="broken"]');
    assert.match(await page.textContent('[data-log]'), says);
  }
  await page.evaluate(([k, v]) => localStorage.setItem(k, v), [key, kept]);
}

// Everything that can be clicked is reached by Tab, in its order, and seen when it is.
async function theKeyboardReachesEverything() {
  for (const place of ['#/departure', '#/evidence', '#/evidence/1']) {
    await page.goto(`${server.address}${place}`);
    await page.reload();
    await page.waitForSelector(place.endsWith('departure') ? '[aria-labelledby="notes"]' : place.endsWith('evidence') ? 'li[data-index]' : '.proof[data-holds="true"]');
    await tabThrough(page, place);
  }
  await page.goto(`${server.address}#/departure`);
  await page.reload();
  await page.waitForSelector('[data-decision="GO"]');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getBoundingClientRect().top >= 0 && document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await page.keyboard.type('ge');
  await page.waitForSelector('li[data-index]');
  await page.keyboard.type('jj');
  const second = await page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.type('k');
  assert.equal(Number((await page.evaluate(() => document.activeElement.textContent)).slice(1)), Number(second.slice(1)) + 1);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.proof[data-holds="true"]');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await page.keyboard.type('ge');
  await page.waitForSelector('li[data-index]');
  await page.keyboard.type('/');
  await page.waitForFunction(() => document.activeElement.name === 'type');
  await page.keyboard.type('evidence/tests/v1');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash.includes('tests'));
  await page.waitForSelector('li[data-index="0"], li[data-index="1"]');
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.activeElement.blur());
  const theme = await page.evaluate(() => document.documentElement.dataset.theme);
  await page.keyboard.type('t');
  await page.waitForFunction((before) => document.documentElement.dataset.theme !== before, theme);
  await page.keyboard.type('?');
  await page.waitForSelector('dialog[open]');
  await look(page, 'keys');
  await page.uncheck('dialog input');
  await page.keyboard.press('Escape');
  await page.keyboard.type('gd');
  await page.waitForTimeout(300);
  assert.match(page.url(), /evidence/, 'keys that were turned off do nothing');
  await page.click('[aria-label="Keyboard shortcuts"]');
  await page.check('dialog input');
  await page.keyboard.press('Escape');
  await page.keyboard.type('gd');
  await page.waitForSelector('[data-decision="GO"]');
}

async function nothingMovesWhereThatIsAsked() {
  const calm = await browser.newContext({ reducedMotion: 'reduce', storageState: await context.storageState() });
  const still = await newPage(calm, problems);
  await still.goto(server.address);
  await still.waitForSelector('[data-decision="GO"]');
  const moving = await still.evaluate(() =>
    [...document.querySelectorAll('*')].filter((e) => /[1-9]/.test(getComputedStyle(e).transitionDuration) || getComputedStyle(e).animationName !== 'none').length,
  );
  assert.equal(moving, 0);
  await calm.close();
}

const problem = (status, detail, hint) => (route) =>
  route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'Problem', status, detail, hint }) });

const charts = [
  { title: 'Latency', kind: 'line', x_label: 'build', y_label: 'ms', categories: [], series: [{ name: 'p50', x: [1, 2, 3, 4], y: [5, 6, null, 9] }, { name: 'p99', x: [1, 2, 3, 4], y: [15, 16, 12, 29] }] },
  { title: 'Size', kind: 'bar', x_label: 'part', y_label: 'MB', categories: ['core', 'a part with a name that is longer than its place'], series: [{ name: 'now', x: [0, 1], y: [3, -1.5] }] },
  { title: 'Durations', kind: 'bar', x_label: 'seconds', y_label: 'tests', categories: [], series: [{ name: 'tests', x: [0, 10, 20], y: [120000, 80000, 1] }] },
];

// A report's charts: a figure each, named for who cannot see it, with its numbers as a table.
async function chartsAreDrawn(other) {
  await other.click('text=The whole report');
  for (const { title } of charts) await other.getByRole('img', { name: title }).waitFor();
  const count = (selector) => other.locator(selector).count();
  assert.deepEqual([await count('figure .l:not(.swatch .l)'), await count('figure circle'), await count('figure svg[role="img"] rect')], [2, 7, 5]);
  await other.click('figure summary >> nth=0');
  assert.deepEqual(await other.locator('figure >> nth=0 >> tbody tr >> nth=2 >> td').allTextContents(), ['3', '', '12']);
}

// Answers that a server gives elsewhere: a large repository, one that is none, an empty log.
async function otherPlacesAreDrawnToo() {
  const at = async (name, routes, place, ready, then = () => {}) => {
    const other = await newPage(context, problems);
    for (const [address, answer] of Object.entries(routes)) await other.route(address, answer);
    await other.goto(server.address + place);
    await other.waitForSelector(ready);
    await then(other);
    await look(other, name);
    await other.close();
  };
  const ask = async (path) => (await fetch(server.address + path, { headers: { cookie: await cookie() } })).json();
  const [large, plan] = await Promise.all(['api/v1/train/decision', 'api/v1/train/plan'].map(ask));
  large.checks = Array.from({ length: 40 }, (_, i) => ({ ...large.checks[i % large.checks.length], name: `gate-with-a-long-name-${i}`, verdict: i === 17 ? 'fail' : i % 5 ? 'pass' : 'warn', reason: i === 17 ? 'stale' : '' }));
  large.summary = 'NO-GO: 1 of 40 gates is red: gate-with-a-long-name-17, and more that want to be read before anything departs';
  Object.assign(large.data, { decision: 'NO-GO', next_version: '13.0.0-rc.1', last_release: { tag: 'v12.3.4-rc.11+build.20260714', commit: '' }, passengers: 358 });
  const someone = plan.data.sections[0].passengers[0];
  plan.data.sections = ['Breaking', 'Features', 'Fixes', 'Performance', 'Docs', 'Refactoring', 'Other'].map((title, s) => ({
    title,
    passengers: Array.from({ length: [2, 40, 25, 3, 9, 17, 262][s] }, (_, i) => ({ ...someone, id: `${s}-${i}`, breaking: s === 0, author: 'A Person With Quite A Long Name', subject: i % 2 ? 'short' : 'a_long_identifier_without_any_break_in_it_that_has_to_wrap_somewhere_or_it_overflows_its_column' })),
  }));
  const answer = (json) => (route) => route.fulfill({ json });
  const silent = (route) => route.fulfill({ contentType: 'text/event-stream', body: ':\n\n' });
  await at('board-large', { '**/train/decision': answer(large), '**/train/stream': silent, '**/train/plan': answer(plan) }, '', '[data-gate="gate-with-a-long-name-17"]');
  await at('charts', { '**/train/decision': answer({ ...large, charts }), '**/train/stream': silent }, '', 'text=The whole report', chartsAreDrawn);
  await at('board-no-repository', { '**/api/v1/train/**': problem(404, '/srv is not in a git repository', 'start signalbox serve inside one') }, '', '[data-problem="404"]');
  await at('board-waiting', { '**/api/v1/train/**': () => {} }, '', 'text=Asking the gates');
  await at('evidence-empty', { '**/evidence/status': answer({ size: 0, origin: '', vkey: '', checkpoint: '', root: '', time: null }), '**/evidence/entries?*': answer({ size: 0, entries: [] }) }, '#/evidence', 'text=The log is empty');
  await at('entry-missing', {}, '#/evidence/4711', '[data-problem="404"]');
}

async function aServerThatIsGoneIsSaid() {
  await page.goto(`${server.address}#/departure`);
  await page.waitForSelector('[data-decision="GO"]');
  await page.waitForSelector('header [data-state="live"]');
  const port = server.port;
  await server.stop('SIGKILL');
  await page.waitForSelector('header [data-state="lost"]');
  await page.waitForSelector('text=Not live');
  await page.waitForTimeout(2_500);
  assert.match(await page.title(), /^GO\? · /, 'a decision that is not live is not shown as one that is');
  assert.doesNotMatch(await page.getAttribute('link[rel="icon"]', 'href'), /icon-(go|stop)/);
  await look(page, 'board-not-live');

  // Another server knows nothing of this session: the page says how to get a new one, and goes on once it is opened in another tab.
  server = await serve(repository, `127.0.0.1:${port}`);
  await page.click('text=Ask now').catch(() => {}); // it may have asked by itself
  await page.waitForSelector('text=This session has ended');
  await look(page, 'session-ended');
  const tab = await newPage(context, problems);
  await tab.goto(server.link);
  await tab.waitForSelector('[data-decision="GO"]');
  await page.bringToFront();
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await page.waitForSelector('[data-decision="GO"]');
  await page.waitForSelector('header [data-state="live"]');
  await tab.close();
}

async function whoSignsOutIsOut() {
  await page.click('text=Sign out');
  await page.waitForSelector('text=This session has ended');
  assert.equal(await page.evaluate(async () => (await fetch('/api/v1/workspace')).status), 401);
}

try {
  await runSteps([theLinkWorksOnce, theBoardGoesGoByItself, eachEntryIsProven, aFlippedBitIsFoundAndNamed, aLogThatWasChangedIsFoundOut, theKeyboardReachesEverything, nothingMovesWhereThatIsAsked, otherPlacesAreDrawnToo, aServerThatIsGoneIsSaid, whoSignsOutIsOut], problems);
} finally {
  await browser.close();
  await server.stop();
  repository.remove();
}
