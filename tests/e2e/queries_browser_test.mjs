#!/usr/bin/env node
// The console of a server that was watched while its index went: in three clicks from "it became slow" to the statement, both of its plans, the
// reason and the remedy. All of it from a real PostgreSQL.
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
const statement = 'SELECT count(*), max(note) FROM orders WHERE customer = $1';

async function theSummaryRanksWhatTheServerCounted() {
  await page.goto(server.link);
  await go('#/queries?since=1h');
  await page.waitForSelector('[data-query]');
  assert.equal((await page.textContent('[data-query] .sql')).trim(), statement);
  assert.match(await page.textContent('h1'), /shop <b>/);
  const top = JSON.parse(shop.run('queries', 'top', '--since', '1h', '--json'));
  const calls = top.data.rows.find((row) => row.statement.startsWith(statement)).counters.calls;
  assert.ok((await page.textContent('[data-query]')).includes(calls.toLocaleString('en')));
  await look(page, 'queries');
}

async function oneClickTellsThatItsPlanBecameAnother() {
  await page.click('[data-query] a');
  await page.waitForSelector('[data-flips]');
  assert.equal(await page.textContent('[data-sql]'), statement);
  await look(page, 'queries-statement');
}

async function anotherTellsBothPlansWhyAndWhatToDo() {
  await page.click('[data-flips] a');
  await page.waitForSelector('[data-why]');
  assert.match(await page.textContent('[data-why]'), /all of orders is read/);
  assert.match(await page.textContent('[data-why] pre'), /^CREATE INDEX CONCURRENTLY ON orders \(customer\);$/);
  assert.match(await page.textContent('section[aria-labelledby=before]'), /orders_customer/);
  assert.match(await page.textContent('section[aria-labelledby=after]'), /Seq Scan on orders/);
  await page.keyboard.press('Tab');
  await page.click('section[aria-labelledby=after] [data-node="1"]');
  assert.match(await page.textContent('section[aria-labelledby=after] dl'), /customer = \$\?/);
  await look(page, 'queries-plans');
}

async function whoWaitedForWhomAtAnyMoment() {
  await go('#/queries/locks?since=1h');
  await page.waitForSelector('[data-pid]');
  const rows = await page.$$eval('[data-pid]', (all) => all.map((each) => each.textContent.replace(/\s+/g, ' ')));
  assert.equal(rows.length, 2);
  assert.match(rows[0], /idle in transaction.*update orders/);
  assert.match(rows[1], /waits .* for ShareLock on transaction/);
  assert.equal(await page.$('[data-pid] i'), null);
  await look(page, 'queries-locks');
}

async function whatIsNotThereIsSaid() {
  await go('#/queries/plan/999999');
  await page.waitForSelector('[data-problem="404"]');
  await go('#/queries/q/12345');
  await page.waitForSelector('[data-problem="404"]');
}

try {
  await runSteps([theSummaryRanksWhatTheServerCounted, oneClickTellsThatItsPlanBecameAnother, anotherTellsBothPlansWhyAndWhatToDo, whoWaitedForWhomAtAnyMoment, whatIsNotThereIsSaid], problems);
} finally {
  await browser.close();
  await server.stop();
  shop.remove();
}
