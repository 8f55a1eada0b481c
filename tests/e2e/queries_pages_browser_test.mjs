#!/usr/bin/env node
// The pages of a server that was watched while its index went and a session stood in another's way: what they say is what the commands say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { launch, look, makeRepository, newPage, runSteps, serve, signalbox, source } from './browser.mjs';

if (!existsSync('/usr/lib/postgresql/15/bin/initdb')) {
  console.log('skipped: PostgreSQL 15 is not installed');
  process.exit(77);
}
const shop = makeRepository();
execFileSync('sh', [join(source, 'tests/e2e/queries_shop.sh')], { cwd: shop.root, env: { ...shop.env, SIGNALBOX: signalbox, SIGNALBOX_SOURCE_DIR: source }, stdio: ['ignore', 'ignore', 'inherit'] });
const server = await serve(shop);
const browser = await launch();
const problems = [];
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', reducedMotion: 'reduce' });
const page = await newPage(context, problems);
const go = (place) => page.goto(`${server.address}${place}`);
const told = (...args) => JSON.parse(shop.run('queries', ...args, '--json')).data;
const statement = 'SELECT count(*), max(note) FROM orders WHERE customer = $1';
const cores = execFileSync('nproc', { encoding: 'utf8' }).trim();
const textOf = async (selector) => (await page.textContent(selector)).replace(/\s+/g, ' ').trim();

async function theLoadStandsBesideTheCores() {
  await page.goto(server.link);
  await go('#/queries?since=1h');
  await page.click('nav[aria-label="Pages of queries"] >> text=Load');
  await page.waitForSelector('[data-brush] svg');
  const byWait = told('ash', '--by', 'wait', '--since', '1h');
  assert.equal(await textOf('[data-fact=active]'), byWait.active.toFixed(2));
  const { name, active } = byWait.shares[0];
  assert.equal(await textOf(`[data-span] [data-part="${name}"] .figure`), active.toFixed(2));
  assert.ok((await textOf('[data-brush] figure ul')).includes(cores === '1' ? '1 core' : `${cores} cores`));
  const byQuery = told('ash', '--by', 'query', '--since', '1h').shares[0];
  assert.equal(await textOf(`[data-part="${byQuery.name}"] .figure`), byQuery.active.toFixed(2));
  assert.ok((await page.textContent('body')).includes(statement));
  assert.equal(await textOf('[data-part=pgbench] .figure'), told('ash', '--by', 'app', '--since', '1h').shares.find((share) => share.name === 'pgbench').active.toFixed(2));
  assert.match(await textOf('[data-blocker]'), /idle in transaction.* at most 1 session behind it.*update orders/);
  await look(page, 'queries-load');
}

async function aPartOfTheTimeIsTheSameAskedOfTheCommand() {
  const before = await textOf('[data-fact=active]');
  const svg = await page.$('[data-brush] figure > svg');
  await svg.scrollIntoViewIfNeeded();
  const box = await svg.boundingBox();
  await page.mouse.move(box.x + 0.55 * box.width, box.y + 0.4 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.4 * box.height, { steps: 4 });
  await page.mouse.move(box.x + 0.9 * box.width, box.y + 0.4 * box.height, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => location.hash.includes('span='));
  await page.waitForFunction((was) => document.querySelector('[data-fact=active]') && document.querySelector('[data-fact=active]').textContent !== was, before);
  const [from, to] = new URLSearchParams((await page.evaluate(() => location.hash)).split('?')[1]).get('span').split('/');
  const byCommand = told('ash', '--by', 'user', '--since', from, '--until', to);
  assert.ok(byCommand.samples > 0);
  assert.equal(await textOf('[data-fact=active]'), byCommand.active.toFixed(2));
  await look(page, 'queries-load-part');
  // With the keyboard alone its end is moved, and all of the time is come back to.
  await page.focus('[aria-label="The part of the time that is looked at"] label:last-child input');
  for (let i = 0; i < 10; ++i) await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((was) => !location.hash.includes(encodeURIComponent(was)), to);
  await page.click('text=All of this time');
  await page.waitForFunction((was) => document.querySelector('[data-fact=active]')?.textContent === was, before);
}

try {
  await runSteps([theLoadStandsBesideTheCores, aPartOfTheTimeIsTheSameAskedOfTheCommand], problems);
} finally {
  await browser.close();
  await server.stop();
  shop.remove();
}
