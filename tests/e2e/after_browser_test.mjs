#!/usr/bin/env node
// What comes after a departure, on a real `signalbox serve`: one train departs, one is taken back and reviewed; what was promised, how well
// releases are delivered, the page for the day, how a release is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, lockATrain, look, makeRepository, newPage, runSteps, serve, signalbox, tabThrough } from './browser.mjs';

const policy = `train:
  changelog: false
  pass_at: 0
  rubric: []
  tag: true
  gates:
    - {name: tests, type: evidence/tests/v1, owner: engineering, require: 'gt(.predicate.tests; 0)'}
  boarding: {lock_before: 0}
  driver: noop
  canary: {initial: 5, hold: 1s, steps: [50], baseline: 2s, announce: 1s}
  reviews: {due_after: 1d}
  contacts: [{role: on-call, name: carol, reach: "+49 30 1234"}]
  channels:
    - {name: news, markdown: docs/news.md, moments: [planning, summary]}
    - {name: script, run: [./tell.sh], moments: [summary]}
`;
const waitMilliseconds = 4_000;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function makeShop() {
  const shop = makeRepository();
  shop.run('evidence', 'key', 'new', 'grace', '--role', 'approver', '--no-password');
  writeFileSync(join(shop.root, 'signalbox.yaml'), policy);
  mkdirSync(join(shop.root, 'docs'));
  writeFileSync(join(shop.root, 'docs/rollback.md'), '1. deploy the tag before\n');
  writeFileSync(join(shop.root, 'tell.sh'), '#!/bin/sh\necho "the chat is away" >&2\nexit 1\n', { mode: 0o755 });
  writeFileSync(join(shop.root, '.gitignore'), 'docs/news.md\n');
  shop.git('add', '-A');
  shop.git('commit', '-q', '-m', 'feat: open the shop');
  shop.git('tag', '-a', '-m', 'opened', 'v1.0.0');
  shop.run('allow', '--revision', 'v1.0.0');
  return shop;
}

// HEAD departs on a train of its own.
async function depart(train, message) {
  shop.git('commit', '-q', '--allow-empty', '-m', message);
  shop.addTests();
  lockATrain(shop, train, '+4s');
  await pause(waitMilliseconds);
  shop.run('train', 'depart', train);
}

const shop = makeShop();
const server = await serve(shop);
const browser = await launch();
const problems = [];
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', timezoneId: 'Europe/Berlin' });
const page = await newPage(context, problems);
const go = (place) => page.goto(`${server.address}${place}`);
const textOf = async (selector) => (await page.textContent(selector)).replace(/\s+/g, ' ').trim();
const told = (...command) => JSON.parse(spawnSync(signalbox, ['train', ...command, '--json'], { cwd: shop.root, env: shop.env, encoding: 'utf8' }).stdout).data;

// Before anything has left the pages say what will stand there.
async function nothingHasLeftYet() {
  await page.goto(server.link);
  await page.waitForSelector('[data-decision]');
  await page.keyboard.type('gr');
  await page.waitForSelector('text=No train has left yet');
  await look(page, 'reviews-empty');
  await page.keyboard.type('gm');
  await page.waitForSelector('[data-empty] >> text=No train had traffic in the last 90 days');
  await look(page, 'delivery-empty');
  await page.click('text=30 days');
  await page.waitForSelector('[data-empty] >> text=in the last 30 days');
  shop.run('train', 'new', 'later', '--depart', '2199-01-01T00:00:00Z');
  await go('#/trains/later/review');
  await page.waitForSelector('text=there is nothing to review yet');
  await go('#/trains/later/health');
  await page.waitForSelector('text=there is no release to look at yet');
  await go('#/trains/nosuch/review');
  await page.waitForSelector('[data-problem="404"]');
}

// One departs and is well, one departs and is taken back; users had trouble in between.
async function aTrainIsTakenBack() {
  await depart('one', 'feat: sell more');
  shop.run('train', 'health', 'one', '--record');
  await depart('two', 'feat: sell everything');
  await go('#/trains/two/review');
  await page.waitForSelector('text=not asked for');
  const began = new Date(Date.now() - 1_000).toISOString();
  shop.run('train', 'incident', 'open', 'two', 'carts are empty', '--at', began);
  await page.waitForSelector('[data-mark] >> text=incident i1: carts are empty');
  shop.run('train', 'rollback', 'two', '--reason', 'customers cannot pay');
  await page.waitForSelector('text=Nobody has written its review yet');
  shop.run('train', 'incident', 'restored', 'two', 'i1', '--note', 'cache emptied');
  await page.waitForSelector('[data-mark] >> text=incident i1 is over');
}

async function aReviewIsReadAsATimeline() {
  assert.match(await textOf('[aria-label="Where it stands"]'), /Review of two taken back v1\.2\.0 .*Review due in (23 h|1 d).*Actions none/);
  // Each line of what the command line tells stands here, in the order in which it happened.
  const { timeline } = told('review', 'show', 'two');
  const shown = await page.$$eval('[data-mark^="log "]', (all) => all.map((mark) => Number(mark.dataset.mark.slice(4))));
  assert.deepEqual([...shown].sort((a, b) => a - b), timeline.map(({ index }) => index));
  const happened = timeline.map(({ index, time, happened }) => [Date.parse(happened ?? time), index]).sort(([a, i], [b, j]) => a - b || i - j);
  assert.deepEqual(shown, happened.map(([, index]) => index));
  const lanes = await page.$$eval('[data-lane]', (all) => [...new Set(all.map((mark) => mark.dataset.lane))].sort());
  assert.deepEqual(lanes, ['action', 'decision', 'incident', 'plan', 'traffic']);
  // While the incident goes on, the line says so.
  const during = timeline.filter(({ about }) => about).map(({ happened }) => Date.parse(happened));
  const marked = await page.$$eval('[data-mark]', (all) => all.map((mark) => [Date.parse(mark.querySelector('time').dateTime), mark.dataset.troubles]));
  assert.ok(marked.some(([, troubles]) => troubles === 'i1'));
  for (const [time, troubles] of marked) assert.equal(troubles, time >= during[0] && time < during[1] ? 'i1' : '', new Date(time).toISOString());
  await look(page, 'review-to-be-written');

  // Only what is asked for is shown.
  for (const lane of ['traffic', 'decisions', 'plan', 'review and actions']) await page.click(`[aria-label="What is shown"] >> text=${lane}`);
  assert.deepEqual(await page.$$eval('[data-lane]', (all) => all.map((mark) => mark.dataset.lane)), ['incident', 'incident']);
  await page.focus('[aria-label="What is shown"] button:first-child');
  await page.keyboard.press('Space');
  assert.ok((await page.locator('[data-lane="plan"]').count()) > 0);
}

async function whatIsPromisedHasAnOwnerAndADate() {
  const words = `train: two
summary: Nobody could pay for eleven minutes.
impact: One order in three was lost.
causes: [the payment was tested with one currency]
went_well: [the way back took seconds]
went_badly: [nobody was told]
actions:
  - {class: detect, title: alarm on failed payments, owner: ada, due: "+3s"}
  - {class: prevent, title: test a payment before all traffic, owner: bob, due: "+10d"}
  - {class: mitigate, title: keep carts for a day, owner: bob, due: "+60d"}
`;
  writeFileSync(join(shop.folder, 'review.yaml'), words);
  shop.run('train', 'review', 'publish', 'two', '--file', join(shop.folder, 'review.yaml'), '--key', 'grace');
  await page.waitForSelector('text=Nobody could pay for eleven minutes.');
  shop.run('train', 'action', 'add', 'two', 'page somebody', '--owner', 'carol', '--class', 'detect', '--due', '+2d');
  shop.run('train', 'action', 'done', 'two', 'a4', '--note', 'the pager rings', '--evidence', '0');
  shop.run('train', 'action', 'change', 'two', 'a3', '--due', '+30d', '--reason', 'waits for the bank');
  await pause(waitMilliseconds - 1_000);
  await page.reload();
  await page.waitForSelector('[data-action="two a1"][data-state="overdue"]');
  assert.match(await textOf('[data-action="two a3"]'), /due in 29 d .* first .*keep carts for a day bob mitigate a3 changed 1 time/);
  assert.match(await textOf('[data-action="two a4"]'), /done.*the pager rings.*shown by #0/);
  assert.match(await textOf('[aria-label="Where it stands"]'), /Review published ?by grace.*3 open, 1 overdue of 4/);
  // Now stands between what happened and what is still to come.
  const marks = await page.$$eval('[aria-labelledby="timeline"] ol > li', (all) => all.map((mark) => mark.dataset.mark ?? mark.className.split(' ')[0]));
  const now = marks.indexOf('now');
  assert.deepEqual([marks.indexOf('due a1') < now, marks.indexOf('review') < now, now < marks.indexOf('due a2'), marks.indexOf('due a2') < marks.indexOf('due a3')], [true, true, true, true], marks.join());
  await look(page, 'review');

  await page.keyboard.type('gr');
  await page.waitForSelector('[data-late="1"]');
  const column = (name) => page.$$eval(`[data-column="${name}"] [data-action]`, (all) => all.map((action) => action.dataset.action));
  assert.deepEqual([await column('Overdue'), await column('Due within 14 days'), await column('Later')], [['two a1'], ['two a2'], ['two a3']]);
  assert.match(await textOf('[data-review="two"]'), /two taken back v1\.2\.0 .* published .* 3 open actions/);
  assert.match(await textOf('[data-review="one"]'), /one departed v1\.1\.0 .* not asked for no open action/);
  await look(page, 'reviews');
  await page.click('.owners >> text=bob');
  await page.waitForSelector('text=Nothing is late.');
  assert.deepEqual([await column('Overdue'), await column('Due within 14 days'), await column('Later')], [[], ['two a2'], ['two a3']]);

  // What is done leaves the board by itself.
  await page.click('.owners >> text=everybody');
  shop.run('train', 'action', 'done', 'two', 'a1', '--note', 'the alarm is there');
  await page.waitForSelector('[data-late="0"]');
  await page.waitForSelector('text=2 actions are done');
}

// The figures are those that the command line tells.
async function deliveryIsMeasured() {
  await page.keyboard.type('gm');
  await page.waitForSelector('[data-measure="failures"][data-of="2"]');
  const dora = told('dora');
  assert.equal(dora.releases.length, 2);
  assert.match(await textOf('[data-measure="failures"]'), /50 % low 1 of 2 releases; with 95 % confidence 9\.5 % to 90\.5 %/); // prop.test(1, 2, correct = FALSE)
  assert.match(await textOf('[data-measure="frequency"]'), /0\.68 a month low 2 departures in 90 d/); // 2 of 90 days, in months of 30.4375
  assert.match(await textOf('[data-measure="lead-time"]'), /elite median of 2 commits/);
  assert.match(await textOf('[data-measure="recovery"]'), /elite median of 2 ways back and incidents/);
  assert.match(await textOf('[data-measure="rework"]'), /0 % 0 of 2 departures/);
  assert.equal(await page.locator('[data-measure="lead-time"] [data-point]').count(), 2);
  assert.deepEqual((await page.$$eval('[data-measure="recovery"] [data-point]', (all) => all.map((point) => Number(point.dataset.point)))).sort(), dora.troubles.map(({ evidence }) => evidence).sort());
  assert.equal(await page.$$eval('[data-week]', (all) => all.reduce((sum, week) => sum + Number(week.dataset.count), 0)), 2);
  assert.deepEqual(await page.$$eval('[data-release]', (all) => all.map((row) => [Number(row.dataset.release), row.dataset.failed])), [...dora.releases].reverse().map(({ evidence, failed }) => [evidence, String(failed)]));
  await look(page, 'delivery');
  await page.focus('[data-measure="lead-time"] a >> nth=0');
  await page.keyboard.press('Enter');
  await page.waitForSelector(`h1:has-text("${dora.releases[0].evidence}")`);
  await go('#/delivery?since=soon');
  await page.waitForSelector('[data-problem="400"]');
}

// One channel takes what it is told, the other is away.
async function whoWasToldOfWhat() {
  await go('#/trains/two/announcements');
  await page.waitForSelector('text=Nobody was told of two yet');
  await look(page, 'announcements-empty');
  spawnSync(signalbox, ['train', 'announce', 'two'], { cwd: shop.root, env: shop.env });
  await page.waitForSelector('[data-missing="1"] >> text=1 channel not told');
  const channels = await page.$$eval('[data-channel]', (all) => all.map((channel) => [channel.dataset.channel, channel.dataset.state]));
  assert.deepEqual(channels.map(([channel, state]) => `${channel} ${state === 'told'}`), ['news true', 'script false']);
  assert.match(await textOf('[data-channel="script"]'), /the chat is away|exit/);
  assert.match(await textOf('[data-channel="script"]'), /signalbox train announce two/);
  await look(page, 'announcements');
  writeFileSync(join(shop.root, 'tell.sh'), '#!/bin/sh\ncat >/dev/null\n');
  shop.run('train', 'announce', 'two', '--again', 'script');
  await page.waitForSelector('[data-missing="0"] >> text=Every channel was told');
}

async function theRunbookSaysWhatIsDoneAndByWhom() {
  await go('#/trains/two/runbook');
  await page.waitForSelector('[data-step="lock"][data-state="done"]');
  const { steps } = told('runbook', 'two');
  assert.deepEqual(await page.$$eval('[data-step]', (all) => all.map((step) => [step.dataset.step, step.dataset.state])), steps.map(({ id, state }) => [id, state]));
  // It had all of the traffic before it was taken back: the page still says so.
  const states = Object.fromEntries(steps.map(({ id, state }) => [id, state]));
  assert.deepEqual(['check', 'depart', 'weight-5', 'weight-50', 'all-traffic', 'taken-back'].map((step) => states[step]), Array(6).fill('done'));
  assert.equal(await page.locator('.next').count(), 0, 'nothing is to be done after the way back');
  assert.match(await textOf('[data-step="readout"]'), /nobody has said that it was done.*signalbox train tick two readout/);
  shop.run('train', 'tick', 'two', 'readout', '--note', 'all were there');
  await page.waitForSelector('[data-step="readout"][data-state="done"] >> text=all were there');
  await look(page, 'runbook');
  await go('#/trains/later/runbook');
  await page.waitForSelector('[data-step="depart"][data-state="open"]');
  assert.match(await textOf('[data-step="check"]'), /signalbox train check later/);
  assert.match(await textOf('[data-call="on-call"]'), /carol.*\+49 30 1234/);
  await look(page, 'runbook-ahead');
}

async function aReleaseIsWellOrNot() {
  await go('#/trains/one/health');
  await page.waitForSelector('[data-result="pass"]');
  assert.match(await textOf('h1'), /^v1\.1\.0 is well$/);
  await look(page, 'health');
  await go('#/trains/two/health');
  await page.waitForSelector('[data-result=""]');
  assert.match(await textOf('h1'), /^Nobody has recorded how v1\.2\.0 is$/);
  spawnSync(signalbox, ['train', 'health', 'two', '--record'], { cwd: shop.root, env: shop.env });
  await page.waitForSelector('[data-result="fail"] >> text=it was taken back');
  await look(page, 'health-not-well');
}

// Where the trains are not told, the calendar says so; it does not say that there are none.
async function theCalendarSaysWhatItDoesNotKnow() {
  await page.route('**/api/v1/train/trains', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"title": "the store is away", "hint": "try later"}' }));
  await go('#/calendar');
  await page.waitForSelector('[data-unknown="503"] >> text=The trains are not known: the store is away');
  assert.equal(await page.locator('text=No train is planned').count(), 0);
  await page.unroute('**/api/v1/train/trains');
  await page.click('text=Try again');
  await page.waitForSelector('[data-departure="two"]');
  assert.equal(await page.locator('[data-unknown]').count(), 0);
}

async function theKeyboardReachesEverything() {
  for (const [place, ready] of [['#/reviews', '[data-review="two"]'], ['#/trains/two/review', '[data-action="two a2"]'], ['#/delivery', '[data-release]'], ['#/trains/later/runbook', '[data-step="depart"]'], ['#/trains/two/health', '[data-result="fail"]'], ['#/trains/two/announcements', '[data-channel="script"]']]) {
    await go(place);
    await page.reload();
    await page.waitForSelector(ready);
    await tabThrough(page, place);
  }
}

try {
  await runSteps([nothingHasLeftYet, aTrainIsTakenBack, aReviewIsReadAsATimeline, whatIsPromisedHasAnOwnerAndADate, deliveryIsMeasured, whoWasToldOfWhat, theRunbookSaysWhatIsDoneAndByWhom, aReleaseIsWellOrNot, theCalendarSaysWhatItDoesNotKnow, theKeyboardReachesEverything], problems);
} finally {
  await browser.close();
  await server.stop();
  shop.remove();
}
