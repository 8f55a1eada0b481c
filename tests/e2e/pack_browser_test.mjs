#!/usr/bin/env node
// Kept plans in the console, on a real `signalbox serve`: the density board, and a packing in three dimensions, step by step.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, look, makeRepository, newPage, runSteps, serve } from './browser.mjs';

const shop = makeRepository();
const server = await serve(shop);
const browser = await launch();
const problems = [];
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', timezoneId: 'Europe/Berlin' });
const page = await newPage(context, problems);
const go = (place) => page.goto(`${server.address}${place}`);
const textOf = async (selector) => (await page.textContent(selector)).replace(/\s+/g, ' ').trim();
const pieces = () => page.locator('g.piece').count();

async function withoutPlansItSaysHow() {
  await page.goto(server.link);
  await go('#/pack');
  await page.waitForSelector('[data-empty]');
  assert.match(await textOf('[data-empty]'), /signalbox pack batch orders\.csv --boxes boxes\.csv --keep/);
}

// Three orders; the board says what the command line said.
async function theBoardIsWhatWasPlanned() {
  const orders = ['order,sku,qty,l_in,w_in,h_in,weight_lb', '1,kettle,3,11.1,8,6,2', '1,cup,5,4 1/2,4,4,1', '2,cup,9,4,4,4,1', '3,book,4,9,6,1,1.2'];
  const boxes = ['sku,inner_l_in,inner_w_in,inner_h_in,max_weight_lb', 'S,12,10,8,40', 'M,16,12,12,40', 'L,24,16,16,40'];
  writeFileSync(join(shop.folder, 'orders.csv'), `${orders.join('\n')}\n`);
  writeFileSync(join(shop.folder, 'boxes.csv'), `${boxes.join('\n')}\n`);
  const told = JSON.parse(shop.run('pack', 'batch', join(shop.folder, 'orders.csv'), '--boxes', join(shop.folder, 'boxes.csv'), '--on', '2026-03-01', '--keep', '--json'));
  await page.waitForSelector('[data-tile="fill"]');
  const { totals } = told.data;
  assert.match(await textOf('[data-tile="fill"]'), new RegExp(`${(100 * totals.fill_order_avg).toFixed(1)} %`));
  assert.match(await textOf('[data-tile="dim"]'), new RegExp(`${totals.dim_parcels} of ${totals.boxes} parcel`));
  assert.match(await textOf('[data-tile="ratio"]'), new RegExp(`${totals.billed_lb} lb billed`));
  assert.equal(await page.locator('section.list tbody tr').count(), 3);
  await look(page, 'pack-density');
}

// A target of 50 % from last week on: what is due by now, and what the kept plans reached.
async function theBoardShowsTheTargetOfTheFirstYear() {
  assert.equal(await page.locator('[data-tile="target"]').count(), 0);
  const from = new Date(Date.now() - 9 * 86_400_000).toISOString().slice(0, 10);
  const { data } = JSON.parse(shop.run('pack', 'batch', join(shop.folder, 'orders.csv'), '--boxes', join(shop.folder, 'boxes.csv'), '--on', '2026-03-01', '--json'));
  shop.run('pack', 'target', '--baseline-lb', '20', '--reduction', '50', '--from', from);
  await page.waitForSelector('[data-tile="target"]');
  const saved = 100 * (1 - data.totals.billed_lb / data.totals.orders / 20);
  assert.match(await textOf('[data-tile="target"]'), new RegExp(`${saved.toFixed(1).replace('.', '\\.')} %.*since ${from}, 10 of 365 days: 1\\.4 % due`));
  await look(page, 'pack-target');
}

// A step shows what is in by then; the plan is checked again by the server.
async function aPackingGoesStepByStep() {
  await go('#/pack?sort=dearest');
  await page.waitForSelector('section.list tbody tr');
  await page.click('section.list tbody tr a >> nth=0');
  await page.waitForSelector('g.piece');
  assert.match(await textOf('[data-checked="valid"]'), /checked: valid/);
  const steps = Number(await page.getAttribute('input[type="range"][max]', 'max'));
  assert.equal(await page.locator('section:has(h2:text-is("Steps")) tbody tr').count(), steps);
  // A bold row's swatch stands beside its SKU, not above it.
  const marked = page.locator('tr.now .sku');
  const [swatch, name] = await Promise.all([marked.locator('i').boundingBox(), marked.locator('span').boundingBox()]);
  assert.ok(swatch.x + swatch.width <= name.x && swatch.y + swatch.height > name.y && swatch.y < name.y + name.height, 'the swatch is not beside the SKU');
  // What an inch is worth, and how far a surcharge is.
  assert.equal(await page.locator('[data-trims] tbody tr').count(), 3);
  assert.match(await textOf('[data-trims] h2'), /billed \d+ lb by ups-2026-01-26/);
  assert.match(await textOf('[data-distances]'), /additional-handlinglongest side\d+(\.\d+)? in/);
  const all = await pieces();
  let before = all;
  for (let step = steps; step > 0; --step) {
    await page.click('[aria-label="Step back"]');
    const now = await pieces();
    assert.ok(now < before, `step ${step} put something in`);
    before = now;
  }
  assert.equal(before, 0);
  assert.match(await textOf('.said'), /The empty box/);
  // By the keyboard, as by the buttons.
  await page.focus('input[type="range"][max]');
  await page.keyboard.press('End');
  assert.equal(await pieces(), all);
  await page.keyboard.press('ArrowLeft');
  await look(page, 'pack-steps');
}

// Turned, things are drawn elsewhere, and the nearer still cover those behind.
async function itTurns() {
  const shape = () => page.$$eval('g.piece polygon', (all) => all.map((one) => one.getAttribute('points')).join(' '));
  const before = await shape();
  await page.mouse.move(300, 400);
  const box = await page.locator('section svg').first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 120, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  assert.notEqual(await shape(), before);
  await page.check('text=see through');
  await page.locator('label:has-text("Apart") input').fill('0.4');
  await look(page, 'pack-apart');
}

// The card is a page of its own, and nothing in it is refused by its policy.
async function theCardPrints() {
  const card = page.waitForEvent('popup');
  await page.click('text=Instruction card');
  const popup = await card;
  await popup.waitForSelector('li.step svg');
  assert.match(await popup.textContent('header'), /package 1 of/);
  await popup.close();
}

try {
  await runSteps([withoutPlansItSaysHow, theBoardIsWhatWasPlanned, theBoardShowsTheTargetOfTheFirstYear, aPackingGoesStepByStep, itTurns, theCardPrints], problems);
} finally {
  await browser.close();
  await server.stop();
  shop.remove();
}
