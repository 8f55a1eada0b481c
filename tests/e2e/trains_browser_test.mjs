#!/usr/bin/env node
// Trains at the console while one of them is on its way for real: nginx splits the traffic of two back ends, Prometheus measures them, and the
// page is told of it as it happens. The board, one train, its day, and the way back from there.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { launch, look, newPage, runSteps, serve, signalbox, source, tabThrough } from './browser.mjs';

const lookAfterMilliseconds = 60_000; // the judges' looks come with the controller's lease
const skipped = 77;

// The shop of shop/under_way.sh, with a train in each phase.
async function openShop() {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-trains-'));
  const env = { ...process.env, SIGNALBOX: signalbox, SIGNALBOX_SOURCE_DIR: source, HOME: join(folder, 'home'), XDG_DATA_HOME: join(folder, 'data'), XDG_STATE_HOME: join(folder, 'state'), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', NO_COLOR: '1' };
  for (const who of ['AUTHOR', 'COMMITTER']) Object.assign(env, { [`GIT_${who}_NAME`]: 'Ada Lovelace', [`GIT_${who}_EMAIL`]: 'ada@example.org' });
  for (const key of ['SIGNALBOX_STORE', 'SIGNALBOX_KEY_PASSWORD']) delete env[key];
  mkdirSync(env.HOME);
  const child = spawn(fileURLToPath(new URL('shop/under_way.sh', import.meta.url)), [folder], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const remove = async () => {
    child.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const lines = [];
  const said = createInterface(child.stdout);
  const ready = await Promise.race([
    new Promise((resolve) => said.on('line', (line) => (line === 'ready' ? resolve(true) : lines.push(line)))),
    ended.then(() => false),
  ]);
  if (!ready) {
    console.log(lines.join('\n'));
    await remove();
    process.exit(child.exitCode === skipped ? skipped : 1);
  }
  const root = join(folder, 'shop');
  return { root, env, remove, run: (...args) => execFileSync(signalbox, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }) };
}

const shop = await openShop();
const server = await serve(shop);
const browser = await launch();
const problems = [];
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
const page = await newPage(context, problems);
const go = (place) => page.goto(`${server.address}${place}`);
const textOf = async (selector) => (await page.textContent(selector)).replace(/\s+/g, ' ').trim();

async function theBoardTellsEachPhase() {
  await page.goto(server.link);
  await go('#/trains');
  await page.waitForSelector('[data-train="2026-12"][data-decision="NO-GO"]');
  await page.waitForSelector('[data-train="2026-11"] >> text=on its way: v1.2.0 has 5 % of the traffic');
  assert.match(await textOf('.summary'), /^2026-11, on its way/);
  const rows = await page.$$eval('[data-train]', (all) => all.map((row) => [row.dataset.train, row.dataset.phase]));
  assert.deepEqual(rows, [['2026-09', 'departed'], ['2026-11', 'locked'], ['2026-12', 'open'], ['2027-01', 'open']]);
  assert.match(await textOf('[data-train="2026-12"]'), /0 of 2 passengers aboard.*held by manifest, tests/);
  assert.match(await textOf('[data-train="2027-01"]'), /nobody rides yet/);
  assert.match(await textOf('[aria-labelledby="others"]'), /2026-11b cancelled merged into 2026-11/);
  const drawn = await page.getAttribute('[data-train="2026-12"] svg', 'aria-label');
  assert.match(drawn, /high candidate.*low candidate.*red signal: manifest/);
  await look(page, 'trains');

  // What happens to a train is on the board by itself.
  shop.run('train', 'move', '2027-01', '+60d', '--reason', 'the fair was moved');
  await page.waitForSelector('[data-train="2027-01"] >> text=departs in 59 d');
}

async function aTrainSaysWhatHoldsIt() {
  await page.keyboard.type('gd');
  await page.waitForSelector('[data-decision]');
  await page.keyboard.type('gt');
  await page.waitForSelector('[data-train="2026-12"]');
  await page.keyboard.type('jjj');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), '2026-12');
  await page.keyboard.press('Enter');
  await page.waitForSelector('h1:has-text("2026-12")');
  await page.waitForSelector('[data-decision="NO-GO"]');
  const [first, second] = await page.$$eval('[data-passenger]', (all) => all.map((seat) => seat.textContent.replace(/\s+/g, ' ')));
  assert.match(first, /risk high pr-41 feat\(search\).*alan · the index is built anew.*candidate.*lacks answers: tests.*signalbox train board pr-41/);
  assert.match(second, /risk low pr-42/);
  assert.equal(await page.getAttribute('[data-gate="tests"]', 'data-verdict'), 'fail');
  await look(page, 'train');

  await go('#/trains/2026-11');
  await page.waitForSelector('text=On its way: v1.2.0 has 5 % of the traffic');
  await page.waitForSelector('[aria-labelledby="manifest"] >> text=v1.2.0, after v1.1.0');
  await look(page, 'train-on-its-way');
  await go('#/trains/2026-09');
  await page.waitForSelector('[data-passenger][data-state="shipped"]');
  await look(page, 'train-departed');
  await go('#/trains/nosuch');
  await page.waitForSelector('[data-problem="404"]');
}

const curve = '[data-metric="answers"] figure .line.s0';
const looks = () => page.$eval(curve, (line) => line.getAttribute('d').split(/[ML]/).length - 1);

async function theDayIsToldAsItHappens() {
  await go('#/trains/2026-12/day');
  await page.waitForSelector('text=NO-GO');
  await look(page, 'day-before');

  await page.click('.crumbs >> text=Trains');
  await page.click('text=release day →');
  await page.waitForSelector('[data-phase="ramping"]');
  assert.match(await page.title(), /^5 % · Trains · /);
  await page.waitForSelector('[data-weight="5"][data-state="now"]');
  assert.deepEqual(await page.$$eval('[data-weight]', (all) => all.map((step) => [step.dataset.weight, step.dataset.state])), [['5', 'now'], ['50', 'ahead'], ['100', 'ahead']]);
  await page.evaluate(() => (window.sinceOpened = true));
  await page.waitForSelector('[data-metric="errors"]', { timeout: lookAfterMilliseconds });
  await page.waitForSelector(curve, { timeout: lookAfterMilliseconds, state: 'attached' }); // where requests come slowly the first look has no figures
  const before = await looks();
  await page.waitForFunction(([line, count]) => document.querySelector(line).getAttribute('d').split(/[ML]/).length - 1 > count, [curve, before], { timeout: lookAfterMilliseconds });
  assert.equal(await page.evaluate(() => window.sinceOpened), true, 'the page was not loaded again');

  // The figures are those that the command line tells.
  const { data } = JSON.parse(shop.run('train', 'status', '2026-11', '--json'));
  assert.equal(data.weight, 5);
  assert.match(await textOf('[data-metric="answers"]'), /sequential judge .*bad requests are the canary's.*breach at 100/);
  assert.match(await textOf('[data-metric="errors"]'), /threshold judge .*limit 0.25/);
  await look(page, 'day');
}

// The last thing that each page hears of is there, so that nothing comes while Tab goes through it.
async function theKeyboardReachesEverything() {
  for (const [place, ready] of [['#/trains', '[data-train="2026-11"] a.day'], ['#/trains/2026-12', '[data-gate="tests"]'], ['#/trains/2026-11/day', '[data-metric="errors"]']]) {
    await go(place);
    await page.reload();
    await page.waitForSelector(ready);
    await tabThrough(page, place);
  }
}

async function aTrainIsPausedAndTakenBackHere() {
  await page.click('text=Pause');
  await page.waitForSelector('text=Paused:');
  await page.waitForSelector('[data-weight="5"][data-state="paused"]');
  await page.click('text=Resume');
  await page.waitForSelector('[data-weight="5"][data-state="now"]');

  await page.click('text=ROLL BACK');
  await page.waitForSelector('dialog[open]');
  assert.match(await textOf('dialog[open]'), /Roll back v1\.2\.0\? It has 5 % of the traffic now\. All of it goes back to v1\.1\.0\./);
  await look(page, 'day-roll-back');
  await page.keyboard.press('Escape');
  assert.equal(await page.getAttribute('[data-phase]', 'data-phase'), 'ramping');
  await page.click('text=ROLL BACK');
  await page.fill('dialog[open] input', 'the basket is empty');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-phase="rolled-back"]');
  await page.waitForSelector('[data-weight="5"][data-state="broken"]');
  assert.match(await textOf('[aria-labelledby="story"]'), /the basket is empty/);
  assert.match(shop.run('train', 'traffic'), /0 % on the candidate/);
  await look(page, 'day-rolled-back');
  await page.click('.crumbs >> text=Trains');
  await page.waitForSelector('[data-train="2026-11"][data-phase="rolled-back"]');
}

try {
  await runSteps([theBoardTellsEachPhase, aTrainSaysWhatHoldsIt, theDayIsToldAsItHappens, theKeyboardReachesEverything, aTrainIsPausedAndTakenBackHere], problems);
} finally {
  await browser.close();
  await server.stop();
  await shop.remove();
}
