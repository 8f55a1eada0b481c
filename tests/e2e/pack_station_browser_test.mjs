#!/usr/bin/env node
// The packer's station in the console, on a real `signalbox serve`, by keyboard alone: a mouse is never touched. What was packed is read back by
// the API and by `signalbox pack kpi`, with servers that are killed on the way.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, look, makeRepository, newPage, runSteps, serve } from './browser.mjs';

const shop = makeRepository();
let server = await serve(shop);
const browser = await launch();
const problems = [];
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', timezoneId: 'Europe/Berlin' });
const page = await newPage(context, problems);
const file = (name) => join(shop.folder, name);
const textOf = async (selector) => (await page.textContent(selector)).replace(/\s+/g, ' ').trim();
// As a scanner does: letters, then Enter, with no wait for anything.
const scan = (text) => page.keyboard.type(text).then(() => page.keyboard.press('Enter'));
const phase = (name) => page.waitForSelector(`[data-phase="${name}"]`);
const api = async (path) => {
  const answer = await context.request.get(`${server.address}api/v1/pack/${path}`);
  assert.equal(answer.status(), 200, `${path}: ${await answer.text()}`);
  return answer.json();
};
const packsOf = async (order) => (await api(`packs?order=${order}`)).packs;
// As the page does: a session's requests say where they come from.
const post = (plan, data) => context.request.post(`${server.address}api/v1/pack/packs/${plan}/complete`, { data, headers: { Origin: new URL(server.address).origin } });
const outbox = (count) => page.waitForSelector(`[data-outbox="${count}"]`, { state: 'attached' });
const plans = () => JSON.parse(shop.run('pack', 'batch', file('orders.csv'), '--boxes', file('boxes.csv'), '--on', '2026-03-01', '--objective', 'boxes', '--keep', '--plans', file('plans.ndjson'), '--json'));

// The station's first words, and its name, which it keeps.
async function theStationIsNamed() {
  const orders = ['order,sku,qty,l_in,w_in,h_in,weight_lb', '4711,kettle,2,11.1,8,6,2', '4711,cup,5,4 1/2,4,4,1', '4712,cup,3,4,4,4,1', '4713,book,4,9,6,1,1.2', 'many,cup,60,12,8,8,2'];
  const boxes = ['sku,inner_l_in,inner_w_in,inner_h_in,tare_lb,max_weight_lb', 'S,12,10,8,0.5,40', 'M,16,12,12,0.8,40', 'L,24,16,16,1,40'];
  writeFileSync(file('orders.csv'), `${orders.join('\n')}\n`);
  writeFileSync(file('boxes.csv'), `${boxes.join('\n')}\n`);
  plans();
  await page.goto(server.link);
  await page.goto(`${server.address}#/pack/station`);
  await phase('station');
  await scan('P1');
  await phase('order');
  assert.match(await textOf('h1'), /^Station P1/);
}

async function whatIsNoOrderIsToldLoudly() {
  await scan('4799');
  await page.waitForSelector('[data-said="wrong"]');
  assert.match(await textOf('[role="alert"] [data-said]'), /no plan is kept for 4799/);
  for (const blank of ['', '%20', '%09%20']) assert.equal((await context.request.get(`${server.address}api/v1/pack/station?scan=${blank}`)).status(), 400);
}

// All of an order in one breath, as fast as a scanner can: nothing is lost while the plan is fetched.
async function anOrderIsPackedByTheScannerAlone() {
  const [plan] = (await api('plans?order=4712')).plans;
  await scan('4712');
  await scan(plan.boxes);
  for (let i = 0; i < 3; ++i) await scan('cup');
  await phase('weight');
  await scan('1.6'); // kg, of 3 lb and the box: believed
  await phase('order');
  assert.match(await textOf('[data-said="good"]'), /Order 4712 is packed/);
  await outbox(0);
  const [packed] = await packsOf('4712');
  assert.deepEqual([packed.plan, packed.package, packed.station, packed.box, packed.recommended, packed.reason, packed.weight_g, packed.left_out], [plan.id, 1, 'P1', plan.boxes, plan.boxes, '', 1600, []]);
  assert.ok(packed.took_ms > 0 && packed.took_ms < 600_000, `${packed.took_ms} ms`);
  assert.ok(Math.abs(Date.parse(packed.at) - Date.now()) < 600_000, packed.at);
}

async function itIsNotPackedTwice() {
  await scan('4712');
  await page.waitForSelector('[data-said="wrong"]');
  assert.match(await textOf('[data-said="wrong"]'), /Order 4712 is packed already/);
}

// The picture has what is in and the unit to place now; letters are as high as two metres ask: 44 pixels of capital are 20 minutes of arc.
async function eachStepIsSeen() {
  await scan('4711');
  await phase('box');
  const box = await textOf('[data-now]');
  await look(page, 'pack-station-box');
  await scan('nothing');
  await page.waitForSelector('[data-said="wrong"]');
  assert.match(await textOf('[data-said="wrong"]'), new RegExp(`That is nothing.*Take ${box}`));
  await scan(box);
  await phase('item');
  assert.equal(await page.locator('g.piece').count(), 1);
  assert.equal(await page.locator('g.piece.fresh').count(), 1);
  const first = await textOf('[data-now]');
  const height = await page.$eval('[data-now]', (element) => parseFloat(getComputedStyle(element).fontSize) * 0.72);
  assert.ok(height >= 44, `capitals are ${height} pixels high`);
  for (const button of await page.locator('.keys button').all()) assert.ok((await button.boundingBox()).height >= 44);
  await look(page, 'pack-station-item');
  await scan(first);
  await page.waitForFunction(() => document.querySelectorAll('g.piece').length === 2);
  assert.equal(await page.locator('g.piece.fresh').count(), 1);
}

// A wrong item is told in an alert, larger than anything, and nothing goes on.
async function aWrongItemIsToldLoudly() {
  const before = await page.locator('g.piece').count();
  const wanted = await textOf('[data-now]');
  await scan('book');
  await page.waitForSelector('[role="alert"] [data-said="wrong"]');
  assert.match(await textOf('[role="alert"] [data-said]'), new RegExp(`book is not for this box.*Now ${wanted}`));
  assert.equal(await page.locator('g.piece').count(), before);
  const size = await page.$eval('[data-said] strong', (element) => parseFloat(getComputedStyle(element).fontSize));
  assert.ok(size * 0.72 >= 44, `${size}`);
  await look(page, 'pack-station-wrong');
}

// Focus anywhere, and letters that are shortcuts elsewhere: what is scanned goes into the line.
async function whatIsScannedGoesIntoTheLine() {
  await page.keyboard.press('Tab');
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), 'INPUT');
  await scan('gd t');
  await page.waitForFunction(() => document.querySelector('[data-said="wrong"]')?.textContent.includes('gd t is not for this box'));
  assert.match(page.url(), /#\/pack\/station$/);
  // And buttons are still reached and pressed by keys.
  await page.keyboard.press('Tab');
  const words = await page.evaluate(() => document.activeElement.textContent);
  assert.match(words, /Not this item/);
  await page.keyboard.press('Enter');
  await phase('why');
  await look(page, 'pack-station-why');
  await page.keyboard.press('F2');
  await phase('item');
}

// A unit that is damaged is left out; the page is loaded anew in the middle, and goes on where it stood.
async function aDamagedUnitIsLeftOutAndTheScreenGoesOn() {
  const heading = () => textOf('[data-phase="item"] h2');
  assert.match(await heading(), /Now, 2 of 7/);
  await page.keyboard.press('F4');
  await phase('why');
  await scan('2');
  await page.waitForFunction(() => document.querySelector('[data-phase="item"] h2')?.textContent.includes('3 of 7'));
  await page.reload();
  await phase('item');
  assert.match(await heading(), /Now, 3 of 7/);
  await page.keyboard.press('F2');
  await page.waitForFunction(() => document.querySelector('[data-phase="item"] h2')?.textContent.includes('2 of 7'));
  await page.keyboard.press('F4');
  await scan('!damaged');
  while (await page.locator('[data-phase="item"]').count()) {
    const [at, sku] = [await heading(), await textOf('[data-now]')];
    await scan(sku);
    await page.waitForFunction((was) => document.querySelector('[data-phase="item"] h2')?.textContent.replace(/\s+/g, ' ').trim() !== was, at);
  }
  await phase('weight');
}

async function aDoubtfulWeightIsAskedTwice() {
  await scan('9.5 kg');
  await page.waitForSelector('[data-said="wrong"]');
  assert.match(await textOf('[data-said="wrong"]'), /9\.5 kg is not as planned/);
  await look(page, 'pack-station-weight');
  await scan('9.5 kg');
  await phase('order');
  await outbox(0);
  const [packed] = await packsOf('4711');
  assert.deepEqual([packed.left_out, packed.weight_g], [[{ unit: 2, reason: 'damaged' }], 9500]);
}

// The server is killed while a package is packed: the station says so, keeps it, and tells it when the server is back.
async function aDeadServerLosesNothing() {
  await scan('4713');
  await phase('box');
  await page.keyboard.press('F4');
  await phase('why');
  await scan('1');
  await phase('other-box');
  await scan('XL');
  await phase('item');
  const port = server.port;
  await server.stop('SIGKILL');
  if (await page.locator('.keys button:has-text("alike")').count()) await page.keyboard.press('F8');
  while (!(await page.locator('[data-phase="weight"]').count())) await scan('book');
  await scan('2.6 kg');
  await page.waitForSelector('[data-waits="1"]');
  assert.match(await textOf('[data-waits]'), /1 not yet told to the server/);
  await look(page, 'pack-station-waits');
  server = await serve(shop, `127.0.0.1:${port}`);
  await page.goto(server.link);
  await page.goto(`${server.address}#/pack/station`);
  await phase('order');
  await outbox(0);
  const [packed, ...more] = await packsOf('4713');
  assert.deepEqual([packed.box, packed.reason, packed.weight_g, more.length], ['XL', 'not-at-hand', 2600, 0]);
}

// Packages told one after another while the server is killed again and again: whatever was answered with 201 is there, each once.
async function whatWasAcknowledgedIsThere() {
  const { plans: listed } = await api('plans?order=many');
  const { packages } = await api(`plans/${listed[0].id}`);
  assert.ok(packages.length >= 6, `${packages.length} packages`);
  const tell = (i) =>
    post(listed[0].id, { key: `many-${i}`, package: i + 1, station: 'P2', box: packages[i].box, weight: '9 kg', took_ms: 30_000 }).then((answer) => answer.status(), () => 0);
  const acknowledged = [];
  for (let round = 0; acknowledged.length < packages.length && round < 4 * packages.length; ++round) {
    const missing = packages.map((_, i) => i).filter((i) => !acknowledged.includes(i)).slice(0, 3);
    const told = missing.map((i) => tell(i).then((status) => ({ i, status })));
    const first = await told[0]; // one is through, others are on their way
    const [port] = [server.port, await server.stop('SIGKILL')];
    for (const { i, status } of [first, ...(await Promise.all(told))]) if ([200, 201].includes(status) && !acknowledged.includes(i)) acknowledged.push(i);
    server = await serve(shop, `127.0.0.1:${port}`);
    await page.goto(server.link);
    const there = (await packsOf('many')).map((each) => each.key);
    assert.equal(new Set(there).size, there.length);
    for (const i of acknowledged) assert.ok(there.includes(`many-${i}`), `package ${i + 1} was acknowledged and is gone`);
  }
  assert.equal(acknowledged.length, packages.length);
  assert.equal((await packsOf('many')).length, packages.length);
}

// The key figures of what stations told, beside sums made here.
async function theKeyFiguresCountThem() {
  const { packs } = await api('packs');
  const { data } = JSON.parse(shop.run('pack', 'kpi', '--kept', '--by', 'all', '--boxes', file('boxes.csv'), '--on', '2026-03-01', '--json'));
  const [row] = data.rows;
  assert.equal(row.parcels, packs.length);
  const same = packs.filter((each) => each.box === each.recommended).length;
  assert.ok(Math.abs(row.compliance - (100 * same) / packs.length) < 1e-9, `${row.compliance}`);
  assert.equal(row.left_out, 1);
  assert.ok(Math.abs(row.pack_seconds - packs.reduce((sum, each) => sum + each.took_ms, 0) / packs.length / 1000) < 1e-6);
  assert.equal(data.unknown, 0);
  assert.equal(data.unknown_boxes, 1); // XL
  const stations = JSON.parse(shop.run('pack', 'kpi', '--kept', '--by', 'all', '--dim', 'station', '--on', '2026-03-01', '--json'));
  assert.deepEqual(stations.data.rows.map((each) => [each.of, each.parcels]), [['P1', 3], ['P2', packs.length - 3]]);
  await page.goto(`${server.address}#/pack`);
  await page.waitForSelector('[data-tile="packed"]');
  assert.match(await textOf('[data-tile="packed"]'), new RegExp(`${((100 * same) / packs.length).toFixed(1)} %.*${packs.length} parcels at stations, 1 unit left out`));
  await look(page, 'pack-density-packed');
}

// What is refused says why; nothing of it is kept.
async function badCompletionsAreRefused() {
  const { packs } = await api('packs');
  const [told] = packs.filter((each) => each.order === '4712');
  const answer = async (id, data) => (await post(id, data)).status();
  const good = { key: told.key, package: 1, station: 'P1', box: told.box, weight: '1.6 kg', took_ms: told.took_ms };
  assert.equal(await answer(told.plan, good), 200);
  assert.equal(await answer(told.plan, { ...good, weight: '1.7 kg' }), 409);
  assert.equal(await answer(told.plan, { ...good, key: 'new' }), 409);
  assert.equal(await answer('0'.repeat(64), good), 404);
  assert.equal(await answer(told.plan, { ...good, key: 'new', weight: 1.6 }), 400);
  assert.equal(await answer(told.plan, '[]'), 400);
  assert.equal((await api('packs')).packs.length, packs.length);
}

try {
  await runSteps(
    [theStationIsNamed, whatIsNoOrderIsToldLoudly, anOrderIsPackedByTheScannerAlone, itIsNotPackedTwice, eachStepIsSeen, aWrongItemIsToldLoudly, whatIsScannedGoesIntoTheLine, aDamagedUnitIsLeftOutAndTheScreenGoesOn, aDoubtfulWeightIsAskedTwice, aDeadServerLosesNothing, whatWasAcknowledgedIsThere, theKeyFiguresCountThem, badCompletionsAreRefused],
    problems,
  );
} finally {
  await browser.close();
  await server.stop();
  shop.remove();
}
