#!/usr/bin/env node
// Kept profiles in the console of a real `signalbox serve`: the gallery, one of them by hand and by keyboard, any part of its time, what differs
// between two. What the pages show is what was given, counted by hand below.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, look, makeRepository, newPage, pictures, runSteps, serve, signalbox, tabThrough } from './browser.mjs';

// As perf script prints it: 20 s of a sample each 10 ms. In the first half of each second parse runs and reads, in the second print; from 12 s on, another
// thread emits.
const hertz = 100;
const stackAt = (second) => (second >= 12 ? ['flush', 'emit', 'main'] : second % 1 < 0.5 ? ['read', 'parse', 'main'] : ['print', 'main']);
function script() {
  let text = '';
  for (let i = 0; i < 20 * hertz; ++i) {
    const frames = stackAt(i / hertz).map((name, depth) => `\t    ${(4198400 + 64 * depth).toString(16)} ${name}+0x4 (/opt/till/bin/till)\n`);
    text += `${i < 12 * hertz ? 'till  4711/4711' : 'flusher  4711/4712'}  [000]  ${(1000 + i / hertz).toFixed(6)}:   10000000 cpu-clock:\n${frames.join('')}\n`;
  }
  return text;
}
const folded = (parse) => `shop;main;parse ${parse}\nshop;main;print 700\nshop;main;log;write 40\n`;

const shop = makeRepository();
const file = (name, text) => {
  const path = join(shop.folder, name);
  writeFileSync(path, text);
  return path;
};
const [before, after, timed] = [file('before.folded', folded(300)), file('after.folded', folded(600).replace('log;write', 'log;send')), file('till.txt', script())];

// A source whose function parse takes 90 of 100: 30 in line 12, 60 in what line 13 calls. The file has moved on since.
const till = (what) => Array.from({ length: 60 }, (_, i) => `  step_${i + 1}("${what}");`).join('\n') + '\n';
mkdirSync(join(shop.root, 'src'));
writeFileSync(join(shop.root, 'src/till.c'), till('then'));
shop.git('add', 'src');
shop.git('commit', '-q', '-m', 'feat: a till');
const measured = shop.git('rev-parse', 'HEAD').trim();
writeFileSync(join(shop.root, 'src/till.c'), till('now'));
const lineOf = (name, file, line) => ({ name, file, line });
const lined = file('lines.speedscope.json', JSON.stringify({
  $schema: 'https://www.speedscope.app/file-format-schema.json',
  annotations: { 'git.commit': measured },
  shared: { frames: [lineOf('main', '/builds/src/till.c', 40), lineOf('parse', '/builds/src/till.c', 12), lineOf('parse', '/builds/src/till.c', 13), lineOf('read', '/builds/src/till.c', 25), lineOf('libc_start', '/usr/src/glibc/start.c', 7)] },
  profiles: [{ type: 'sampled', name: 'till', unit: 'none', startValue: 0, endValue: 100, samples: [[4, 0, 1], [4, 0, 2, 3], [4, 0]], weights: [30, 60, 10] }],
}));
const server = await serve(shop);
const browser = await launch();
const problems = [];
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' });
const page = await newPage(context, problems);
const go = (place) => page.goto(`${server.address}${place}`);
const textOf = async (selector) => (await page.textContent(selector)).replace(/\s+/g, ' ').trim();
const keep = (path, ...more) => JSON.parse(shop.run('profile', 'store', 'add', path, '--json', ...more)).data.profiles[0].id;
const name = () => page.textContent('.flame .name');
const facts = () => textOf('.flame .facts');
const rowHeight = 18;
const ids = {};

// The middle of the box at a share of the width and a row above the root.
async function place(share, row) {
  const canvas = page.locator('.flame canvas').first();
  await canvas.evaluate((drawn) => drawn.scrollIntoView({ block: 'end' }));
  const box = await canvas.boundingBox();
  return [box.x + box.width * share, box.y + box.height - (row + 0.5) * rowHeight];
}

async function nothingIsKept() {
  await page.goto(server.link);
  await page.waitForSelector('[data-decision]');
  await page.keyboard.type('gp');
  await page.waitForSelector('[data-empty] >> text=No profile is kept yet');
  assert.match(await textOf('[data-empty]'), /signalbox profile --keep \.\/app/);
  await look(page, 'profiles-empty');
}

async function whatIsGivenAppears() {
  ids.before = keep(before, '--service', 'shop', '--label', 'region=eu');
  await page.waitForSelector(`[data-profile="${ids.before}"]`);
  ids.after = keep(after, '--service', 'shop');
  ids.timed = keep(timed);
  await page.waitForSelector(`[data-profile="${ids.timed}"]`);
  const told = JSON.parse(shop.run('profile', 'store', 'list', '--json')).data.profiles;
  assert.deepEqual(await page.$$eval('[data-profile]', (all) => all.map((one) => one.dataset.profile)), told.map(({ id }) => id));
  assert.match(await textOf('h1'), /^Profiles 3 kept/);
  assert.match(await textOf(`[data-profile="${ids.before}"]`), /^shop samples 1,040 .*region=eu/);
  assert.match(await textOf(`[data-profile="${ids.timed}"]`), /^till .*2,000 samples/);
  // Root, shop, main, three functions, one below them.
  const boxes = await page.$$eval(`[data-profile="${ids.before}"] rect`, (all) => all.map((box) => getComputedStyle(box).fill));
  assert.equal(boxes.length, 7);
  assert.ok(!boxes.includes('rgb(0, 0, 0)'), boxes.join(' '));
  await look(page, 'profiles');
  await page.selectOption('select[name="service"]', 'till');
  await page.waitForFunction(() => document.querySelectorAll('[data-profile]').length === 1);
  await page.fill('input[name="commit"]', 'ffff');
  await page.keyboard.press('Enter');
  await page.waitForSelector('text=No profile is like that');
  await page.click('text=All of them');
  await page.waitForFunction(() => document.querySelectorAll('[data-profile]').length === 3);
}

async function oneIsReadByHand() {
  await page.click(`[data-profile="${ids.before}"] a.one`);
  await page.waitForSelector('.flame canvas');
  assert.match(await textOf('.profiles dl'), /measured ?samples 1,040.*file ?folded.*region ?eu/);
  assert.equal(await page.locator('role=tab[name="Heat map"]').count(), 0, 'folded stacks have no times');
  // log before parse before print: 40, 300, 700 of 1040.
  await page.mouse.move(...(await place(0.2, 3)));
  assert.equal(await name(), 'parse');
  assert.match(await facts(), /total 300 · 28\.8 % \(26\.2–31\.7 %\)/); // Wilson of 300 in 1040
  await page.mouse.click(...(await place(0.2, 3)));
  await page.waitForSelector('button:text-is("Whole picture"):enabled');
  await page.mouse.move(...(await place(0.9, 3)));
  assert.equal(await name(), 'parse');
  await page.keyboard.press('Escape');
  await page.fill('.flame input[type="search"]', '^(print|write)$');
  assert.match(await page.textContent('.flame .found'), /^71\.2 % .* in 2 boxes$/); // 740 of 1040
  await look(page, 'profile');
  await page.fill('.flame input[type="search"]', '');
  await page.click('button:text-is("Leaf first")');
  await page.mouse.move(...(await place(0.99, 1)));
  assert.equal(await name(), 'write'); // parse, print, write
  await page.click('button:text-is("Leaf first")');
  await page.click('button:text-is("About")');
  await page.waitForSelector('.flame .sheet >> text=Keys');
  await look(page, 'profile-about');
  await page.keyboard.press('Escape');
}

// The canvas is of the theme that the page has, as all of it is.
async function itsColoursAreThoseOfTheTheme() {
  for (const [theme, least, most] of [['dark', 1, 150], ['light', 600, 765]]) {
    await page.evaluate((value) => (document.documentElement.dataset.theme = value), theme);
    await page.waitForFunction(([low, high]) => {
      const corner = document.querySelector('.flame canvas').getContext('2d').getImageData(2, 2, 1, 1).data;
      const sum = corner[0] + corner[1] + corner[2];
      return sum >= low && sum <= high;
    }, [least, most]);
  }
}

async function theKeyboardWalksFromTheGalleryIntoAStack() {
  await page.keyboard.type('gp');
  await page.waitForSelector(`[data-profile="${ids.before}"]`);
  const order = await page.$$eval('[data-profile]', (all) => all.map((one) => one.dataset.profile));
  await page.evaluate(() => document.getElementById('main').focus());
  for (let i = 0; i <= order.indexOf(ids.before); ++i) await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.flame canvas');
  await page.focus('.flame canvas');
  for (const [key, expected] of [['ArrowUp', 'shop'], ['ArrowUp', 'main'], ['ArrowUp', 'print'], ['ArrowLeft', 'parse'], ['ArrowDown', 'main']]) {
    await page.keyboard.press(key);
    assert.equal(await name(), expected, key);
  }
  await page.keyboard.press('/');
  await page.keyboard.type('parse');
  assert.match(await page.textContent('.flame .found'), /^28\.8 %/);
  await page.keyboard.press('Escape');
  await page.focus('role=tab[name="Flame graph"]');
  await page.keyboard.press('ArrowRight');
  const first = page.locator('.list tbody tr').first();
  assert.match((await first.textContent()).replace(/\s+/g, ' '), /^70067\.3 % \(64\.4–70\.1 %\)700.*print/);
  await look(page, 'profile-functions');
  await page.click('.list .link >> text=parse');
  assert.equal(await page.textContent('.sandwich .name'), 'parse');
  await look(page, 'profile-around');
}

async function onlySomeStacksAreDrawn() {
  await page.fill('input[name="focus"]', 'write');
  await page.click('button:text-is("Draw")');
  await page.waitForSelector('text=Only stacks in which a function matches');
  await page.waitForSelector('.flame canvas');
  assert.match(await facts(), /total 40/);
  await page.fill('input[name="focus"]', '(');
  await page.click('button:text-is("Draw")');
  await page.waitForSelector('[data-problem="400"]');
}

async function theLinesOfAFunctionAreBesideIt() {
  ids.lines = keep(lined, '--service', 'lines');
  await go('#/profiles');
  await page.waitForSelector(`a[href*="${ids.lines}"]`);
  await go(`#/profiles/${ids.lines}`);
  await page.click('role=tab[name="Source lines"]');
  await page.waitForSelector('[data-source="read"] >> text=step_25("then")'); // it took most itself
  // Nobody chose it: back is where the page was come to from. From one that was chosen back is the tab where it was, and forward is it again.
  await page.goBack();
  await page.waitForFunction(() => location.hash === '#/profiles');
  await go(`#/profiles/${ids.lines}`);
  await page.click('role=tab[name="Functions"]');
  await page.click('role=button[name="Source lines of parse"]');
  await page.waitForSelector('[data-source="parse"] tr[data-line="12"]');
  await page.goBack();
  await page.waitForSelector('#tab-table[aria-selected="true"]');
  await page.goForward();
  await page.waitForSelector('#tab-source[aria-selected="true"]');
  await page.waitForSelector('[data-source="parse"] tr[data-line="12"]');
  await page.click('role=tab[name="Functions"]');
  await page.click('role=button[name="Source lines of parse"]');
  await page.waitForSelector('[data-source="parse"] tr[data-line="12"]');
  assert.match(await page.evaluate(() => location.hash), /source=parse/);
  assert.equal(await textOf('[data-source] .from'), `src/till.c of commit ${measured.slice(0, 12)}; found by the end of its path: the profile names /builds/src/till.c, and this is src/till.c`);
  assert.equal(await textOf('[data-source] [role="status"]'), 'samples: itself 30.0 % (21.9–39.6 %), with what it calls 90.0 % (82.6–94.5 %)'); // Wilson of 30 and of 90 in 100
  assert.equal(await textOf('tr[data-line="12"]'), '30 30.0 % (21.9–39.6 %)30 30.0 % (21.9–39.6 %)12 step_12("then");');
  assert.equal(await textOf('tr[data-line="13"]'), '60 60.0 % (50.2–69.1 %)13 step_13("then");'); // Wilson of 60 in 100
  assert.equal(await textOf('tr[data-line="14"]'), '14 step_14("then");');
  const report = JSON.parse(shop.run('profile', 'report', lined, '--source', 'parse', '--json')).data;
  assert.deepEqual(report.costs.map(({ line, self, cumulative }) => [line, self, cumulative]), [[12, 30, 30], [13, 0, 60]]);
  // The hotter, the darker: by themselves line 12, with what they call line 13.
  const ground = (line, cell) => page.$eval(`tr[data-line="${line}"] td:nth-of-type(${cell})`, (drawn) => drawn.className.match(/h\d/)[0]);
  assert.deepEqual([await ground(12, 1), await ground(13, 1), await ground(12, 2), await ground(13, 2), await ground(14, 2)], ['h5', 'h0', 'h3', 'h5', 'h0']);
  await page.click('button:text-is("Hottest line")');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.line), '13');
  await page.focus('button:text-is("Next hottest")');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.line), '12');
  assert.equal(await page.locator('[data-source] tbody tr').count(), 22); // ten before the twelfth, ten after the thirteenth
  await page.click('button:text-is("Whole file")');
  await page.waitForFunction(() => document.querySelectorAll('[data-source] tbody tr').length === 60);
  await page.screenshot({ path: join(pictures, 'profile-source-in-its-frame.png'), fullPage: true });
  // Colours of a line that an edge cuts are nobody's to judge: all of them are shown at once.
  const frameHeight = (text) => page.$eval('.frame', (frame, height) => (frame.style.height = height), text);
  await frameHeight('120rem');
  await look(page, 'profile-source');
  await frameHeight('');
  await page.click('button:text-is("Whole file")');
  await page.waitForFunction(() => document.querySelectorAll('[data-source] tbody tr').length === 22);
  // From the flame graph, by keyboard alone; and back.
  await page.focus('role=tab[name="Source lines"]');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('#tab-graph[aria-selected="true"]');
  await page.focus('.flame canvas');
  for (const key of ['ArrowUp', 'ArrowUp']) await page.keyboard.press(key);
  assert.equal(await name(), 'main');
  await page.focus('.flame .bar button:text-is("Source lines")');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-source="main"] >> text=step_40("then")');
  await page.goBack();
  await page.waitForSelector('[data-source="parse"] tr[data-line="12"]');
  // It stays while other stacks are drawn, and is of them all still.
  await page.fill('input[name="focus"]', 'read');
  await page.click('button:text-is("Draw")');
  await page.waitForSelector('text=Only stacks in which a function matches');
  await page.waitForSelector('[data-source="parse"] tr[data-line="13"]');
  await page.click('a:text-is("All stacks")');
  await page.waitForFunction(() => /source=parse/.test(location.hash) && !/focus/.test(location.hash));
  // A file that is nowhere is named.
  await go(`#/profiles/${ids.lines}?source=libc_start`);
  await page.waitForSelector('[data-source] .missing >> text=no source /usr/src/glibc/start.c');
  assert.equal(await textOf('[data-source] tbody tr'), '100 100.0 % (96.3–100.0 %)7');
  await look(page, 'profile-source-missing');
  await page.reload();
  await page.waitForSelector('[data-source="libc_start"] .missing');
  await go(`#/profiles/${ids.lines}?source=nobody`);
  await page.waitForSelector('[data-source] [data-problem="404"]');
}

async function anyPartOfTheTimeIsDrawn() {
  await go(`#/profiles/${ids.timed}`);
  await page.click('role=tab[name="Heat map"]');
  const canvas = page.locator('.map canvas');
  await canvas.waitFor();
  const samples = () => page.getAttribute('.map output', 'data-samples');
  assert.equal(await samples(), '2000');
  assert.match(await page.getAttribute('.map [role="img"]', 'aria-label'), /^Heat map: 2,000 samples in 20\.0 s, a column for each 1\.00 s$/);
  await look(page, 'profile-time-whole');
  // Within the third second, from its beginning to a little before its middle: parse alone. Rows are of 20 ms.
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  const at = (column, part) => [box.x + ((column + 0.5) / 20) * box.width, box.y + part * box.height];
  await page.mouse.move(...at(2, 0.01));
  await page.mouse.down();
  await page.mouse.move(...at(2, 0.3));
  await page.mouse.move(...at(2, 0.47));
  await page.mouse.up();
  const below = page.locator('.cut .flame');
  await below.locator('canvas').waitFor();
  assert.equal(await samples(), '48'); // 24 rows of two samples
  assert.equal(await page.inputValue('.map [aria-label="From second"]'), '2');
  await below.locator('input').fill('^read$');
  assert.match(await below.locator('.found').textContent(), /^100\.0 %/);
  await look(page, 'profile-time');
  // By its ends, from 10 s to 14 s: half of it emit.
  await page.fill('.map [aria-label="From second"]', '10');
  await page.keyboard.press('Tab');
  assert.equal(await page.inputValue('.map [aria-label="To second"]'), '20', 'an end before its beginning gives way');
  await page.fill('.map [aria-label="To second"]', '14');
  await page.keyboard.press('Tab');
  await page.waitForFunction(() => document.querySelector('.map output').dataset.samples === '400');
  // What is sought is sought in the next part of the time, too, whether it is drawn already or not.
  await below.locator('input').fill('^emit$');
  await page.waitForFunction(() => /^50\.0 %/.test(document.querySelector('.cut .found')?.textContent ?? ''));
  await page.click('.map button:text-is("All of it")');
  await page.waitForSelector('text=Drag over a part of the time');
  // A row a thread; from its 13th second on, the second one alone.
  await page.click('role=tab[name="Over time"]');
  await page.fill('.part [aria-label="From second"]', '12');
  await page.keyboard.press('Tab');
  await page.waitForFunction(() => /8\.00 s/.test(document.querySelector('.below .flame .facts')?.textContent ?? ''));
  await page.locator('.below .flame input').fill('^emit$');
  assert.match(await page.textContent('.below .flame .found'), /^100\.0 %/);
  await look(page, 'profile-threads');
}

async function twoAreCompared() {
  await go('#/profiles?service=shop');
  await page.waitForSelector(`[data-profile="${ids.before}"]`);
  await page.click(`[data-profile="${ids.before}"] .act a`);
  await page.waitForSelector(`[data-base="${ids.before}"] >> text=Compare with shop`);
  await look(page, 'profiles-choosing');
  await page.click(`[data-profile="${ids.after}"] >> text=Compare`);
  await page.waitForSelector('.flame canvas');
  assert.match(await textOf('[data-side="base"]'), /^base shop, .* samples 1,040$/);
  assert.match(await textOf('[data-side="new"]'), /^new shop, .* samples 1,340$/);
  const told = JSON.parse(spawnSync(signalbox, ['profile', 'diff', before, after, '--json'], { cwd: shop.root, env: shop.env, encoding: 'utf8' }).stdout);
  assert.equal(await textOf('header h1 + p'), told.summary);
  const rows = await page.$$eval('.profiles details tbody tr', (all) => all.map((row) => row.textContent));
  assert.ok(rows.some((row) => row.includes('parse')), rows.join('\n'));
  await look(page, 'profiles-difference');
  // log, whose change may be chance, is hatched, and still to be read: black lines would be far darker.
  await page.waitForFunction(() => {
    const canvas = document.querySelector('.flame canvas');
    const strip = canvas.getContext('2d').getImageData(2, canvas.height - 4 * 18, 20, 1).data; // above its name
    const sums = Array.from({ length: 20 }, (_, i) => strip[4 * i] + strip[4 * i + 1] + strip[4 * i + 2]);
    return Math.min(...sums) > 400 && Math.min(...sums) < Math.max(...sums);
  });
  await page.click('.profiles summary');
  await page.waitForSelector('.profiles details caption >> text=Self cost');
  await page.screenshot({ path: join(pictures, 'profiles-difference-by-function.png'), fullPage: true });
  await page.click('button:text-is("Gone")');
  assert.match(await textOf('.sheet'), /write ← log/);
  await page.keyboard.press('Escape');
  await page.click('text=as measured');
  await page.waitForSelector('[aria-current="true"] >> text=as measured');
  await page.waitForSelector('.flame canvas');
  await page.mouse.move(...(await place(0.2, 3)));
  assert.equal(await name(), 'parse');
  assert.match(await facts(), /new 600\s?base 300/);
  await page.click('text=The other way round');
  await page.waitForFunction((id) => location.hash.includes(`new=${id}`), ids.before);
  // What cannot be compared says why.
  await go(`#/profiles/diff?base=${ids.before}&new=${ids.timed}&normalize=work`);
  await page.waitForSelector('[data-problem="400"]');
}

// parse is 300 of 1040 before, and 600 of 1340 after.
async function aFunctionIsFollowedFromProfileToProfile() {
  await go(`#/profiles/${ids.after}`);
  await page.waitForSelector('.flame canvas');
  await page.focus('input[name="trend"]');
  await page.waitForFunction(() => [...document.querySelectorAll('datalist option')].some((option) => option.value === 'parse'));
  await page.keyboard.type('parse');
  await page.keyboard.press('Enter');
  await page.waitForSelector('figure >> text=parse in shop, part of samples');
  await page.waitForFunction(() => document.querySelectorAll('figure > svg circle').length === 4 && document.querySelector('[data-trend] [role="status"]').textContent === '2 profiles.');
  assert.match(await page.textContent('figure desc'), /^2 profiles; with what it calls first 28\.8 % \(26\.2–31\.7 %\), last 44\.8 % \(42\.1–47\.4 %\)\.$/); // Wilson of 300 in 1040, of 600 in 1340
  assert.equal(await page.locator('.flame canvas').count(), 1, 'the picture above stays');
  assert.equal(await page.locator('figure > svg .marked').count(), 2, 'this one, on both lines');
  assert.match(await textOf('figure ul'), /with what it calls itself 95 % intervals this one/);
  await page.click('summary:text-is("2 profiles")');
  assert.match(await textOf('[data-trend] table'), /this one ?44\.8 %.*28\.8 %/);
  await look(page, 'profile-trend');
  await page.click('[data-trend] table a');
  await page.waitForFunction((id) => location.hash.startsWith(`#/profiles/${id}?trend=parse`), ids.before);
  await page.waitForSelector('[data-trend] tbody tr:last-child >> text=this one', { state: 'attached' }); // which is another
  await page.waitForFunction(() => document.querySelectorAll('figure > svg circle').length === 4);
  await page.click('[data-trend] a:text-is("Close it")');
  await page.waitForSelector('text=Its part of the whole in all kept profiles of shop');
  // What was asked before comes last: nothing stands twice for it.
  let letGo;
  const held = new Promise((resolve) => { letGo = resolve; });
  let asked = 0;
  await page.route('**/profile/trend?*', async (route) => {
    asked += 1;
    if (asked === 1) await held;
    await route.continue();
  });
  const ask = async () => {
    await page.fill('input[name="trend"]', 'parse');
    await page.keyboard.press('Enter');
  };
  await ask();
  await page.waitForFunction(() => /^Reading profiles/.test(document.querySelector('[data-trend] [role="status"]').textContent));
  await page.click('[data-trend] a:text-is("Close it")');
  await page.waitForSelector('text=Its part of the whole in all kept profiles of shop');
  await ask();
  await page.waitForFunction(() => document.querySelectorAll('figure > svg circle').length === 4);
  const late = page.waitForResponse(/profile\/trend\?/);
  letGo();
  await (await late).finished();
  await page.unroute('**/profile/trend?*');
  await page.waitForFunction(() => document.querySelectorAll('figure > svg circle').length === 4 && document.querySelectorAll('[data-trend] tbody tr').length === 2);
  assert.equal(await page.locator('[data-problem]').count(), 0);
  await page.click('[data-trend] a:text-is("Close it")');
  await page.waitForSelector('text=Its part of the whole in all kept profiles of shop');
  // One that is in some of them has no part in the others.
  await page.fill('input[name="trend"]', 'send');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /first 0 % .*, last 3\.0 %/.test(document.querySelector('figure desc')?.textContent ?? '')); // 40 of 1340
}

// 64 profiles and one that measured something else, the newest: 60 are read at once.
async function olderOnesAreReadWhenTheyAreAskedFor() {
  const many = Array.from({ length: 64 }, (_, i) => file(`many${i}.folded`, `main;parse ${i + 1}\nmain;print 100\n`));
  shop.run('profile', 'store', 'add', ...many, '--service', 'many');
  keep(file('seconds.speedscope.json', JSON.stringify({ $schema: 'https://www.speedscope.app/file-format-schema.json', shared: { frames: [lineOf('parse', 'a.c', 1)] }, profiles: [{ type: 'sampled', name: 'x', unit: 'seconds', startValue: 0, endValue: 3, samples: [[0]], weights: [3] }] })), '--service', 'many');
  const newest = JSON.parse(shop.run('profile', 'store', 'list', '--service', 'many', '--json')).data.profiles.find(({ value }) => value.type === 'samples');
  await go(`#/profiles/${newest.id}?trend=parse`);
  const status = () => textOf('[data-trend] [role="status"]');
  await page.waitForSelector('[data-trend] [role="status"] >> text=59 profiles, 1 left out; there are older ones.');
  assert.equal(await page.locator('figure > svg circle').count(), 2, 'of so many this one alone has its dots');
  await page.focus('button:text-is("Older")');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /^64 profiles, 1 left out\.$/.test(document.querySelector('[data-trend] [role="status"]').textContent));
  assert.equal(await page.locator('button:text-is("Older")').count(), 0);
  await page.waitForFunction(() => document.activeElement.textContent === '64 profiles');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('[data-trend] tbody tr').count(), 64);
  await page.click('summary:text-is("1 profile left out")');
  assert.match(await textOf('[data-trend] .out'), /no values `samples`/);
  await look(page, 'profile-trend-older');
  // Closed by keyboard, the name is typed next.
  await page.focus('[data-trend] a:text-is("Close it")');
  await page.keyboard.press('Enter');
  await page.waitForSelector('text=Its part of the whole in all kept profiles of many');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'trend');
  assert.equal(await status(), '');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('print');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-trend="print"] figure');
}

async function theTrendStaysWhateverElseIsChosen() {
  await go(`#/profiles/${ids.timed}?trend=parse`);
  await page.waitForSelector('[data-trend="parse"] figure');
  const has = (...parts) => page.waitForFunction((all) => all.every((part) => (part[0] === '!' ? !location.hash.includes(part.slice(1)) : location.hash.includes(part))), parts);
  await page.fill('input[name="focus"]', 'read');
  await page.click('button:text-is("Draw")');
  await has('trend=parse', 'focus=read');
  await page.waitForSelector('[data-trend="parse"] figure');
  const other = page.locator('nav.values a:not([aria-current])').first();
  const value = await other.textContent();
  await other.click();
  await has('trend=parse', 'focus=read', `value=${value}`);
  await page.waitForSelector(`[data-trend="parse"] figure >> text=part of ${value}`);
  await page.click('a:text-is("All stacks")');
  await has('trend=parse', `value=${value}`, '!focus');
  await page.waitForSelector('[data-trend="parse"] figure');
}

async function whatIsNotThereIsSaid() {
  await go(`#/profiles/${'0'.repeat(64)}`);
  await page.waitForSelector('[data-problem="404"]');
  await go('#/profiles/nonsense');
  await page.waitForSelector('[data-problem="400"]');
}

async function theKeyboardReachesEverything() {
  for (const [at, ready] of [['#/profiles', '[data-profile]'], [`#/profiles?base=${ids.before}`, '[data-base]']]) {
    await go(at);
    await page.reload();
    await page.waitForSelector(ready);
    await tabThrough(page, at);
  }
}

async function sourcesHaveLinks() {
  const frames = [{ name: 'main', file: '/src/ledger.cpp', line: 12 }, { name: 'script', file: 'javascript:alert(1)', line: 1 }];
  const profile = { type: 'sampled', name: 'main', unit: 'none', startValue: 0, endValue: 1, samples: [[0, 1]], weights: [1] };
  const id = keep(file('ledger.speedscope.json', JSON.stringify({ $schema: 'https://www.speedscope.app/file-format-schema.json', shared: { frames }, profiles: [profile] })), '--service', 'ledger');
  const linksOf = async () => {
    await page.click('role=tab[name="Functions"]');
    return page.$$eval('.list a', (all) => all.map((each) => each.getAttribute('href')));
  };
  await go(`#/profiles/${id}`);
  assert.deepEqual(await linksOf(), ['vscode://file/src/ledger.cpp:12']);
  await look(page, 'profile-sources');
  await page.selectOption('.list select', 'clion');
  await page.reload();
  assert.deepEqual(await linksOf(), ['clion://open?file=/src/ledger.cpp&line=12']);
}

try {
  await runSteps([nothingIsKept, whatIsGivenAppears, oneIsReadByHand, itsColoursAreThoseOfTheTheme, theKeyboardWalksFromTheGalleryIntoAStack, onlySomeStacksAreDrawn, theLinesOfAFunctionAreBesideIt, anyPartOfTheTimeIsDrawn, twoAreCompared, aFunctionIsFollowedFromProfileToProfile, olderOnesAreReadWhenTheyAreAskedFor, theTrendStaysWhateverElseIsChosen, whatIsNotThereIsSaid, theKeyboardReachesEverything, sourcesHaveLinks], problems);
} finally {
  await browser.close();
  await server.stop();
  shop.remove();
}
