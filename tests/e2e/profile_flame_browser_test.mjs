#!/usr/bin/env node
// A flame graph as one file, opened as from a mail attachment: the SVG and the page in Debian's Chromium, by hand and by keyboard. Nothing is
// asked of a network and nothing goes wrong in the console.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, look, newPage, pictures, runSteps, signalbox } from './browser.mjs';

const draw = join(process.env.SIGNALBOX_BUILD_DIR, 'src/instruments/profile/draw/profile_draw_pictures');
if (!existsSync(draw)) {
  console.log(`skipped: ${draw} is not built`);
  process.exit(77);
}
const hostile = '<img src=x onerror=alert(1)>"]]>';
const folded = `app;main;parse(std::string const&);read 300
app;main;parse(std::string const&) 100
app;main;emit;write_[k] 580
app;main;emit;${hostile} 20
`;
const folder = mkdtempSync(join(tmpdir(), 'signalbox-flame-'));
const file = (name) => join(folder, name);
writeFileSync(file('new.folded'), folded);
writeFileSync(file('base.folded'), folded.replace('emit;write_[k] 580', 'emit;flush_[k] 580'));
execFileSync(draw, [file('new.folded'), file('a.svg')]);
execFileSync(draw, [file('new.folded'), file('difference.svg'), file('base.folded')]);
execFileSync(draw, [file('new.folded'), file('a.html')]);
execFileSync(draw, [file('new.folded'), file('difference.html'), file('base.folded')]);
// One sample of each of these, called by main.
const main = { name: 'main', file: '/src/app/main.cpp', line: 12 };
const places = [
  { name: 'quoted', file: `/src/"><img src=x onerror=alert(1)>/a b?line=1#x:%2e.cpp`, line: 3 },
  { name: 'script', file: 'javascript:alert(1)', line: 4 },
  { name: 'data', file: 'data:text/html,<script>alert(1)</script>', line: 5 },
  { name: 'another machine', file: '//evil.example/share/x.cpp', line: 6 },
  { name: 'relative', file: 'src/b.cpp', line: 9 },
  { name: 'without a line', file: '/src/c.cpp' },
  { name: 'without a file' },
];
const sampled = { type: 'sampled', name: 'main', unit: 'none', startValue: 0, endValue: places.length, samples: places.map((_, i) => [0, i + 1]), weights: places.map(() => 1) };
writeFileSync(file('places.speedscope.json'), JSON.stringify({ $schema: 'https://www.speedscope.app/file-format-schema.json', shared: { frames: [main, ...places] }, profiles: [sampled] }));
for (const ending of ['html', 'svg']) execFileSync(signalbox, ['profile', 'report', file('places.speedscope.json'), '-o', file(`places.${ending}`)]);

const browser = await launch();
const problems = [];
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce' });
const page = await newPage(context, problems);
page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()));
page.on('request', (request) => /^(file|data|blob):/.test(request.url()) || problems.push(`asked for ${request.url()}`));
page.on('dialog', (dialog) => problems.push(`a dialog: ${dialog.message()}`));
const open = (name) => page.goto(`file://${file(name)}`);
const name = () => page.textContent('.flame .name');
const facts = async () => (await page.textContent('.flame .facts')).replace(/\s+/g, ' ');
const isOff = (words) => page.isDisabled(`button:text-is("${words}")`);
const rowHeight = 18;

// The middle of the box at a share of the width and a row above the root, in a flame.
async function place(share, row) {
  const box = await page.locator('.flame canvas').first().boundingBox();
  return [box.x + box.width * share, box.y + box.height - (row + 0.5) * rowHeight];
}

async function thePictureOfAnSvgMoves() {
  await open('a.svg');
  await page.waitForSelector('.flame canvas');
  assert.equal(await page.locator('#still').count(), 0);
  assert.equal(await name(), 'all');
  // emit is before parse: 600 of 1000.
  await page.mouse.move(...(await place(0.3, 3)));
  assert.equal(await name(), 'emit');
  assert.match(await facts(), /total 601 ms · 60\.0 % \(56\.9–63\.0 %\)/); // Wilson of 600 in 1000, as R's binom.wilson has it
  await page.mouse.click(...(await place(0.3, 3)));
  assert.equal(await isOff('Whole picture'), false);
  await page.mouse.move(...(await place(0.5, 4)));
  assert.equal(await name(), 'write');
  await page.click('button:text-is("Whole picture")');
  assert.equal(await isOff('Whole picture'), true);
}

async function aSearchTellsItsShare() {
  await page.keyboard.press('Control+f');
  await page.keyboard.type('^(read|write)$');
  assert.match(await page.textContent('.found'), /^88\.0 % \(85\.8–89\.9 %\) in 2 boxes$/);
  await page.keyboard.press('Enter');
  assert.equal(await name(), 'write');
  await page.keyboard.press('Control+f');
  await page.keyboard.type('[unclosed');
  assert.equal(await page.textContent('.found'), 'nothing found');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.querySelector('.flame input').value), '');
}

async function theKeyboardWalks() {
  await open('a.svg');
  await page.waitForSelector('.flame canvas');
  for (const [key, expected] of [['ArrowUp', 'app'], ['ArrowUp', 'main'], ['ArrowUp', 'emit'], ['ArrowRight', 'parse(std::string const&)'], ['ArrowUp', 'read'], ['ArrowDown', 'parse(std::string const&)']]) {
    await page.keyboard.press(key);
    assert.equal(await name(), expected, key);
  }
  await page.keyboard.press('Enter');
  await page.waitForSelector('button:text-is("Whole picture"):enabled');
  await page.keyboard.press('Escape');
  await page.waitForSelector('button:text-is("Whole picture"):disabled');
}

async function itTurnsAndReverses() {
  await page.click('button:text-is("Icicle")');
  const box = await page.locator('.flame canvas').boundingBox();
  await page.mouse.move(box.x + 40, box.y + rowHeight * 3.5);
  assert.equal(await name(), 'emit');
  await page.click('button:text-is("Leaf first")');
  await page.mouse.move(box.x + box.width - 10, box.y + rowHeight * 1.5);
  assert.equal(await name(), 'write');
  await page.click('button:text-is("About")');
  assert.match(await page.textContent('.sheet'), /command.*clang\+\+ -O2 -c ledger\.cpp/);
  await page.keyboard.press('Escape');
  assert.equal(await page.isVisible('.sheet'), false);
}

async function hostileNamesAreText() {
  await page.keyboard.press('Control+f');
  await page.keyboard.type('onerror');
  await page.keyboard.press('Enter');
  assert.equal(await name(), hostile);
  assert.equal(await page.locator('img').count(), 0);
}

async function aDifferenceHidesNothing() {
  await open('difference.svg');
  await page.click('button:text-is("Gone")');
  assert.match(await page.textContent('.sheet'), /581 ms\s*flush ← emit/);
  await page.keyboard.press('Escape');
  await page.mouse.move(...(await place(0.5, 4)));
  assert.equal(await name(), 'write');
  assert.match(await facts(), /change \+100\.0 %/);
  await page.click('button:text-is("Width: new")');
  await page.mouse.move(...(await place(0.3, 4)));
  assert.equal(await name(), 'flush');
}

async function withoutScriptsThePictureIsThere() {
  const svg = readFileSync(file('a.svg'), 'utf8');
  const still = await browser.newPage({ javaScriptEnabled: false, viewport: { width: 1280, height: 500 } });
  await still.setContent(`<img alt="" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`);
  const box = await still.locator('img').boundingBox();
  assert.equal(box.width, 1200);
  await still.screenshot({ path: join(pictures, 'flame-still.png') });
  await still.close();
}

async function thePageHasAllOfIt() {
  await open('a.html');
  await page.waitForSelector('.flame canvas');
  await look(page, 'flame-page');
  await page.click('role=tab[name="Functions"]');
  const first = page.locator('.list tbody tr').first();
  assert.match((await first.textContent()).replace(/\s+/g, ' '), /^581 ms58\.0 % \(54\.9–61\.0 %\)581 ms.*write/);
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, 'flame-functions');
  await page.fill('.list input', 'PARSE');
  assert.equal(await page.locator('.list tbody tr').count(), 1);
  await page.click('.list .link');
  assert.equal(await page.textContent('.sandwich .name'), 'parse(std::string const&)');
  const callees = await page.locator('.sandwich canvas').nth(1).boundingBox();
  await page.mouse.move(callees.x + 20, callees.y + rowHeight * 2.5);
  assert.match(await page.textContent('.sandwich .facts'), /^read.*300 ms · 30\.0 %/);
  await look(page, 'flame-around');
}

// Lines are in time one after another: read, parse, write, the hostile name; each sample took 1.001 ms.
async function anyPartOfTheTimeIsDrawn() {
  await page.click('role=tab[name="Over time"]');
  await page.fill('[aria-label="From second"]', '0');
  await page.fill('[aria-label="To second"]', '0.2');
  await page.keyboard.press('Tab');
  const below = page.locator('.below .flame');
  assert.match(await below.locator('.facts').textContent(), /200 ms/);
  await below.locator('input').fill('read');
  assert.match(await below.locator('.found').textContent(), /^100\.0 %/);
  await look(page, 'flame-time');
}

async function thePageOfADifferenceHasWhatIsGoneInItsTable() {
  await open('difference.html');
  await page.click('role=tab[name="Functions"]');
  const rows = (await page.locator('.list tbody tr').allTextContents()).map((row) => row.replace(/\s+/g, ' '));
  assert.match(rows[0], /581 ms.*write/);
  assert.ok(rows.some((row) => /581 ms−581 ms ?flush/.test(row)), rows.join('\n'));
  await look(page, 'flame-difference');
}

// By name of the function: where its link leads, and what is told of its source.
async function sources() {
  const rows = await page.$$eval('.list tbody tr', (all) => all.map((row) => [row.querySelector('.link').textContent, [row.querySelector('.source a')?.getAttribute('href') ?? null, row.querySelector('.source').textContent]]));
  return Object.fromEntries(rows);
}

async function sourcesOpenInTheReadersEditor() {
  await open('places.html');
  await page.click('role=tab[name="Functions"]');
  const told = await sources();
  assert.deepEqual(told.main, ['vscode://file/src/app/main.cpp:12', 'main.cpp:12']);
  const [address, words] = told.quoted;
  assert.match(address, /^vscode:\/\/file\/src\/[A-Za-z0-9%\-_.!~*'()/]*:3$/);
  assert.equal(decodeURIComponent(address), `vscode://file${places[0].file}:3`);
  assert.equal(words, 'a b?line=1#x:%2e.cpp:3');
  for (const { name: function_ } of places.slice(1)) assert.equal(told[function_][0], null, function_);
  assert.deepEqual(['script', 'relative', 'without a line', 'without a file'].map((each) => told[each][1]), ['javascript:alert(1):4', 'b.cpp:9', 'c.cpp', '']);
  assert.equal(await page.locator('img').count(), 0);
  await look(page, 'flame-sources');
  await page.selectOption('select', 'emacs');
  assert.equal((await sources()).main[0], 'emacs://open?url=file:///src/app/main.cpp&line=12');
  await open('places.html'); // the choice is kept
  await page.click('role=tab[name="Functions"]');
  assert.equal(await page.inputValue('select'), 'emacs');
  assert.equal((await sources()).main[0], 'emacs://open?url=file:///src/app/main.cpp&line=12');
  await page.click('role=tab[name="Flame graph"]');
  await page.focus('.flame canvas');
  for (const key of ['ArrowUp', 'ArrowUp']) if ((await name()) !== 'main') await page.keyboard.press(key);
  assert.equal(await page.getAttribute('.flame .facts a', 'href'), 'emacs://open?url=file:///src/app/main.cpp&line=12');
  assert.equal(await page.textContent('.flame .facts a'), '/src/app/main.cpp:12');
  await page.click('role=tab[name="Functions"]');
  await page.selectOption('select', 'none');
  assert.equal(await page.locator('a').count(), 0);
  await page.evaluate(() => localStorage.setItem('signalbox.editor', 'javascript:alert(1)//'));
  await open('places.html');
  await page.click('role=tab[name="Functions"]');
  assert.equal(await page.inputValue('select'), 'vscode');
  const schemes = await page.$$eval('a', (all) => [...new Set(all.map((each) => each.protocol))]);
  assert.deepEqual(schemes, ['vscode:']);
  await open('places.svg');
  await page.waitForSelector('.flame canvas');
  assert.equal(await page.locator('a').count(), 0);
}

try {
  await runSteps([thePictureOfAnSvgMoves, aSearchTellsItsShare, theKeyboardWalks, itTurnsAndReverses, hostileNamesAreText, aDifferenceHidesNothing, withoutScriptsThePictureIsThere, thePageHasAllOfIt, anyPartOfTheTimeIsDrawn, thePageOfADifferenceHasWhatIsGoneInItsTable, sourcesOpenInTheReadersEditor], problems);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
