#!/usr/bin/env node
// The pages of a server that was watched while its index went and a session stood in another's way: what they say is what the commands say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, look, makeRepository, newPage, runSteps, serve, signalbox, source, tabThrough } from './browser.mjs';

if (!existsSync('/usr/lib/postgresql/15/bin/initdb')) {
  console.log('skipped: PostgreSQL 15 is not installed');
  process.exit(77);
}
const shop = makeRepository();
execFileSync('sh', [join(source, 'tests/e2e/queries_shop.sh')], { cwd: shop.root, env: { ...shop.env, SHOP_COPY: 'yes', SHOP_SECONDS: '18', SIGNALBOX: signalbox, SIGNALBOX_SOURCE_DIR: source }, stdio: ['ignore', 'ignore', 'inherit'] });
const server = await serve(shop);
const browser = await launch();
const problems = [];
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', reducedMotion: 'reduce' });
const page = await newPage(context, problems);
const go = (place) => page.goto(`${server.address}${place}`);
// What the command says, whatever it judges.
function said(...args) {
  try {
    return shop.run('queries', ...args);
  } catch (error) {
    assert.equal(error.status, 1, error.stderr);
    return error.stdout;
  }
}
const told = (...args) => JSON.parse(said(...args, '--json')).data;
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

const share = (part) => `${(100 * part).toFixed(1)} %`;

async function whatWasProvenOnACopyStandsAboveIdeas() {
  const proven = JSON.parse(readFileSync(join(shop.root, 'advice.json'), 'utf8')).data;
  const ideas = told('advise', '--since', '1h').proposed;
  assert.ok(proven.indexes.length > 0, JSON.stringify(proven));
  assert.ok(ideas.length > 0 && ideas[0].columns[0] === 'customer', JSON.stringify(ideas)); // what was tried on the copy is none of the watched plans
  await page.click('nav[aria-label="Pages of queries"] >> text=Advisor');
  await page.waitForSelector('[data-proven] [data-index]');
  assert.deepEqual(await page.$$eval('[data-proven] [data-index] code.sql', (all) => all.map((each) => each.textContent)), proven.indexes.map((index) => index.create));
  assert.equal(await textOf('[data-index] dd.good'), share(proven.indexes[0].gain));
  assert.deepEqual(await page.$$eval('[data-ideas] code.sql', (all) => all.map((each) => each.textContent)), ideas.map((idea) => idea.create));
  assert.match(await textOf('[data-ideas]'), /nothing of them was measured/);
  assert.match(await textOf('[data-ideas] code.shell'), /^signalbox queries advise --prove /);
  assert.equal(await textOf('[data-index] ul a'), statement);
  await look(page, 'queries-advisor');
}

// When the plan became another one, and the load around that.
const flip = () => told('show', told('top', '--since', '1h').rows[0].fingerprint, '--since', '1h').plans.flips[0];
const later = (time, seconds) => new Date(Date.parse(time) + 1_000 * seconds).toISOString();

async function aReleaseIsComparedAsTheCommandDoes() {
  const { at } = flip();
  const [before, after] = [`${later(at, -20)}/${later(at, -1)}`, `${later(at, -1)}/${later(at, 25)}`];
  await page.click('nav[aria-label="Pages of queries"] >> text=Release compare');
  await page.click('text=The first half beside the second');
  await page.waitForSelector('[data-verdict]');
  assert.equal(await page.$('[data-side]:has-text("not chosen")'), null);
  await go(`#/queries/compare?${new URLSearchParams({ since: '1h', before, after })}`);
  const data = told('compare', '--baseline', before, '--candidate', after);
  assert.equal(data.verdict, 'fail', JSON.stringify(data));
  await page.waitForSelector(`[data-compared="${data.statements[0].fp}"]:has-text("${data.statements[0].ratio.toFixed(2)}")`);
  assert.ok((await textOf('[data-verdict=fail]')).endsWith(data.why));
  const worst = data.statements[0];
  assert.deepEqual(data.statements.filter((each) => /^create index/i.test(each.statement)), []); // what was tried on the copy
  assert.equal(worst.judgement, 'slower');
  const row = await textOf(`[data-compared="${worst.fp}"]`);
  for (const figure of ['slower', worst.ratio.toFixed(2), worst.p_adj.toFixed(4), statement]) assert.ok(row.includes(figure), `${figure} in ${row}`);
  assert.equal(await page.$$eval('[data-compared]', (all) => all.length), Math.min(25, data.statements.length));
  await look(page, 'queries-compare');
  // With the keyboard the end of the span that is marked is moved.
  await page.click('input[value=after]');
  await page.focus('[aria-label="The span after"] label:first-child input');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction((was) => new URLSearchParams(location.hash.split('?')[1]).get('after') !== was, after);
  await page.click(`[data-compared="${worst.fp}"] td:last-child a`);
  await page.waitForSelector('[data-why]');
  assert.match(await page.textContent('[data-why]'), /all of orders is read/);
}

async function whatBecameSlowIsToldStepByStep() {
  const { at } = flip();
  const { seen } = (await (await context.request.get(`${server.address}api/v1/queries/servers`)).json()).servers[0];
  const recent = `${Math.ceil((Date.parse(seen) - Date.parse(at)) / 1_000) + 1}s`;
  await go(`#/queries/incidents?${new URLSearchParams({ since: '1h', recent, before: '30s' })}`);
  await page.waitForSelector('[data-triage=fail]');
  const triage = JSON.parse(said('triage', '--recent', recent, '--before', '30s', '--json'));
  assert.ok((await textOf('[data-triage]')).includes(triage.summary));
  assert.deepEqual(await page.$$eval('[data-step]', (all) => all.map((each) => each.dataset.step)), triage.checks.map((check) => check.name));
  assert.match(await textOf('[data-remedy]'), /CREATE INDEX CONCURRENTLY ON orders \(customer\);/);
  const root = told('locks', '--since', '1h').tree[0];
  assert.match(await textOf(`[data-root="${root.pid}"]`), new RegExp(`idle in transaction.*1 session behind it.*signalbox queries act terminate ${root.pid} `));
  assert.match(await textOf('[data-incidents]'), /None was opened.*signalbox queries incident start/);
  await look(page, 'queries-incidents');
}

async function anIncidentStaysAsItWasWrittenDown() {
  said('incident', 'start', 'orders <i>hang</i>', '--since', later(flip().at, -1));
  await page.reload();
  await page.click('[data-incident="1"] a');
  await page.waitForSelector('[data-step]');
  assert.match(await textOf('h1'), /^Incident 1: orders <i>hang<\/i> open$/);
  said('incident', 'stop');
  await page.reload();
  await page.waitForSelector('[data-step]');
  assert.match(await textOf('h1'), /^Incident 1: orders <i>hang<\/i>$/);
  const bundle = JSON.parse(said('incident', 'export', '--format', 'json'));
  assert.equal(await textOf('[data-summary] h2'), bundle.summary);
  const root = bundle.data.locks.at(-1).tree[0];
  assert.match(await textOf(`[data-root="${root.pid}"]`), /act terminate/);
  await look(page, 'queries-incident');
  await page.click('[data-flips] a');
  await page.waitForSelector('[data-why]');
  await go('#/queries/incidents/99');
  await page.waitForSelector('[data-problem="404"]');
}

async function theKeyboardReachesAllOfThem() {
  for (const [place, there] of [['load', '[data-blocker]'], ['advisor', '[data-proven]'], ['incidents', '[data-incident]'], ['incidents/1', '[data-step]']]) {
    await go(`#/queries/${place}?since=1h`);
    await page.reload();
    await page.waitForSelector(there);
    await tabThrough(page, place);
  }
}

async function whatIsAskedWrongIsRefused() {
  const asked = async (path) => (await context.request.get(`${server.address}api/v1/queries/${path}`)).status();
  for (const path of ['load?since=soon', 'load?since=1h&until=2h', 'compare', 'compare?baseline=2h/1h', 'compare?baseline=1h/2h&candidate=1h/0m', 'compare?baseline=/&candidate=/', 'triage?recent=1ms', 'triage?before=no', 'incidents/0', "incidents/1'--", 'advice?since=x'])
    assert.equal(await asked(path), 400, path);
  for (const path of ['load?server=none', 'advice?database=none', 'incidents/99', 'incidents?server=none']) assert.equal(await asked(path), 404, path);
  const { paths } = await (await context.request.get(`${server.address}api/openapi.json`)).json();
  for (const path of ['load', 'advice', 'compare', 'triage', 'incidents', 'incidents/{id}']) assert.ok(paths[`/api/v1/queries/${path}`]?.get, path);
}

try {
  await runSteps([theLoadStandsBesideTheCores, aPartOfTheTimeIsTheSameAskedOfTheCommand, whatWasProvenOnACopyStandsAboveIdeas, aReleaseIsComparedAsTheCommandDoes, whatBecameSlowIsToldStepByStep, anIncidentStaysAsItWasWrittenDown, theKeyboardReachesAllOfThem, whatIsAskedWrongIsRefused], problems);
} finally {
  await browser.close();
  await server.stop();
  shop.remove();
}
