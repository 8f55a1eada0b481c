#!/usr/bin/env node
// The views that tell people what to do next and what they could not see before, on a real `signalbox serve`: the way to GO, the year of freezes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, lockATrain, look, makeRepository, newPage, runSteps, serve, signalbox, tabThrough } from './browser.mjs';

const policy = `train:
  pass_at: 0
  rubric: []
  changelog: false
  boarding: {lock_before: 0}
  gates:
    - {name: tests, type: evidence/tests/v1, owner: engineering, max_age: 1d, require: 'gt(.predicate.tests; 0) and eq(.predicate.failures; 0)'}
    - {name: more-tests, type: evidence/tests/v1, owner: engineering, require: 'gt(.predicate.tests; 1)'}
    - {name: sign-off, kind: approval, owner: product, not: [requester]}
`;

// A release whose policy asks for tests and a person, and freezes that it plans.
function makeShop() {
  const shop = makeRepository();
  for (const name of ['grace', 'alan']) shop.run('evidence', 'key', 'new', name, '--role', 'approver', '--no-password');
  writeFileSync(join(shop.root, 'signalbox.yaml'), policy);
  shop.run('train', 'freeze', 'add', "year's end", '--start', '2031-12-18T17:00:00Z', '--end', '2032-01-03T23:00:00Z', '--reason', 'nobody is there');
  shop.run('train', 'freeze', 'add', 'fair', '--start', '2031-05-04T22:00:00Z', '--end', '2031-05-07T22:00:00Z', '--env', 'shop');
  mkdirSync(join(shop.root, 'docs'));
  writeFileSync(join(shop.root, 'docs/rollback.md'), '1. deploy the tag before\n');
  shop.git('add', '-A');
  shop.git('commit', '-q', '-m', 'feat: ask before anything departs');
  shop.git('tag', '-a', '-m', 'second', 'v0.2.0');
  shop.git('commit', '-q', '--allow-empty', '-m', 'feat(frame): three levers');
  shop.run('train', 'new', '2031-12', '--depart', '2031-12-20T09:00:00Z');
  shop.run('train', 'new', '2031-06', '--depart', '2031-06-03T08:00:00Z');
  return shop;
}

const shop = makeShop();
const server = await serve(shop);
const browser = await launch();
const problems = [];
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', timezoneId: 'Europe/Berlin' });
const page = await newPage(context, problems);
const go = (place) => page.goto(`${server.address}${place}`);
const textOf = async (selector) => (await page.textContent(selector)).replace(/\s+/g, ' ').trim();

// The page tells the same way that the command line does; what it says to do turns red to green, until nothing is left to do.
async function theWayToGoIsTold() {
  await page.goto(server.link);
  await page.waitForSelector('[data-decision="NO-GO"]');
  await page.waitForSelector('[aria-labelledby="way"]');
  const way = async () => page.$$eval('[data-action]', (all) => all.map((action) => [action.querySelector('code').textContent, action.dataset.action]));
  const told = () => explained(shop).actions.map(({ command, fixes }) => [command, fixes.join(' ')]);
  assert.deepEqual(await way(), told());
  assert.deepEqual((await way()).map(([, fixes]) => fixes), ['tests more-tests', 'sign-off'], 'one command turns two gates green, one person the third');
  assert.match(await textOf('#way'), /^The shortest way to GO: 2 things to do$/);
  assert.match(await textOf('[data-action="tests more-tests"]'), /signalbox evidence add junit results\.xml --subject git:HEAD.*turns green testsmore-tests by engineering/);
  await look(page, 'way-to-go');

  shop.addTests();
  await page.waitForSelector('text=The shortest way to GO: 1 thing to do');
  assert.deepEqual(await way(), told());
  assert.deepEqual(await page.$$eval('[data-expiry]', (all) => all.map((one) => [one.dataset.expiry, one.dataset.lost])), [['tests', 'false']], 'more-tests has no largest age');
  assert.match(await textOf('[data-expiry="tests"]'), /good until .*, in (23 h|1 d)/);

  // The train leaves in years: by then the tests of today are too old.
  await go('#/trains/2031-06');
  await page.waitForSelector('[data-expiry="tests"][data-lost="true"]');
  assert.match(await textOf('[data-expiry="tests"]'), /Make it again from Mon 2 Jun 2031, 10:00, engineering: signalbox evidence add junit/);
  const [lane, line] = await Promise.all(['.lane b', '.lane i'].map((part) => page.$eval(part, (drawn) => drawn.getBoundingClientRect().right)));
  assert.ok(lane < line, 'what is lost ends before the departure');
  await look(page, 'train-way-to-go');
}

const explained = (place) => {
  const check = spawnSync(signalbox, ['train', 'check', '--dry-run', '--explain', '--json'], { cwd: place.root, env: place.env, encoding: 'utf8' });
  return JSON.parse(check.stdout).data.explain;
};

// Days are those of whoever looks: 17:00 UTC on 18 December is 18:00 in Berlin, and 3 January ends there an hour before it does in UTC.
async function theYearTellsWhatIsFrozen() {
  await go('#/calendar/2031');
  await page.waitForSelector('[data-frozen="false"]');
  await page.waitForSelector('[data-departure="2031-12"]');
  const december = '[data-month="December"]';
  assert.equal(await textOf(`${december} h3`), 'December : frozen 19 to 31; partly frozen 18; 2031-12 departs on 20');
  assert.equal(await textOf('[data-month="May"] h3'), 'May : frozen 5 to 7');
  assert.equal(await textOf('[data-month="June"] h3'), 'June : 2031-06 departs on 3');
  assert.deepEqual(await Promise.all(['.whole', '.partly', '.leaves'].map((what) => page.locator(`${december} .day${what}`).count())), [13, 1, 1]);
  assert.deepEqual(await page.$$eval('[data-freeze]', (all) => all.map((freeze) => freeze.dataset.freeze)), ['fair', "year's end"]);
  assert.match(await textOf('[data-freeze="fair"]'), /shop.*3 d.*Mon 5 May 2031, 00:00 → Thu 8 May 2031, 00:00/);
  assert.equal(await page.getAttribute('[data-departure="2031-12"]', 'data-stopped'), "year's end");
  assert.equal(await page.getAttribute('[data-departure="2031-06"]', 'data-stopped'), '');
  await look(page, 'calendar');
  await page.click('text=2032 →');
  await page.waitForSelector('[data-month="January"] >> text=frozen 1 to 3');
  assert.equal(await page.locator('.day.whole, .day.partly').count(), 3);
  await page.click('text=This year');
  await page.waitForSelector('.day.today');
  assert.equal(await page.locator('.day.today').count(), 1);

  // A departure that is moved out of the freeze is told by itself.
  await go('#/calendar/2031');
  await page.waitForSelector('[data-departure="2031-12"]');
  shop.run('train', 'move', '2031-12', '2031-12-16T09:00:00Z', '--reason', 'before the holidays');
  await page.waitForSelector('[data-departure="2031-12"][data-stopped=""]');
}

// Another Signalbox sees the log; then it does not answer any more.
// Each checkpoint in the timeline has the root that the log signed then; a recorded audit is told with what came since.
async function theLogTellsItsCheckpoints() {
  const signed = () => shop.run('evidence', 'log', 'checkpoint').split('\n');
  const rootOf = (note) => Buffer.from(note[2], 'base64').toString('hex');
  const [before] = [signed()];
  shop.addTests();
  const after = signed();
  await go('#/evidence');
  await page.waitForSelector('details[data-checkpoints]');
  await page.click('details[data-checkpoints] summary');
  for (const note of [before, after]) {
    const row = `tr[data-size="${note[1]}"]`;
    await page.waitForSelector(row);
    assert.equal(await page.getAttribute(`${row} code`, 'title'), rootOf(note));
  }
  assert.match(await textOf('[data-audit]'), /No audit was recorded yet/);
  shop.run('evidence', 'log', 'audit', '--record');
  await page.waitForSelector('[data-audit="pass"]');
  assert.match(await textOf('[data-audit]'), new RegExp(`found that all ${after[1]} entries hold; 1 came since`));
  await look(page, 'evidence-checkpoints');
}

async function witnessesAreLights() {
  await go('#/evidence');
  await page.waitForSelector('text=No witness');
  const other = makeRepository();
  const witness = await serve(other);
  try {
    const own = JSON.parse(shop.run('evidence', 'witness', 'list', '--json'));
    const { vkey, name } = keyOf(JSON.parse(other.run('evidence', 'witness', 'list', '--json')));
    shop.run('evidence', 'witness', 'add', vkey, '--url', `${witness.address}evidence`);
    other.run('evidence', 'witness', 'add', own.data.log);
    shop.run('evidence', 'witness', 'ask');
    await page.waitForSelector(`[data-witness="${name}"][data-state="good"]`);
    const size = Number(await page.getAttribute('li[data-index]', 'data-index')) + 1;
    assert.match(await textOf('[data-witnessed]'), new RegExp(`1 witness 1 must cosign; ${size} of ${size} entries so far .* has seen all of it ${size} of ${size}, cosigned`));
    assert.equal(await page.getAttribute('[data-witnessed]', 'data-witnessed'), 'true');
    await look(page, 'evidence-witnessed');
  } finally {
    await witness.stop();
    other.remove();
  }
  shop.addTests();
  await page.waitForSelector('[data-witness][data-state="bad"]');
  await look(page, 'evidence-witness-gone');
}

const keyOf = (report) => ({ vkey: report.data.vkey, name: report.data.vkey.split('+')[0] });

// What two reports and a person say of one commit, and what else was meant with it.
async function aSubjectTellsAllThatIsKnown() {
  const commit = shop.git('rev-parse', 'HEAD').trim();
  shop.addTests(1);
  const other = `sha256:${'ab'.repeat(32)}`;
  writeFileSync(join(shop.folder, 'note.json'), '{"scanner": "clair", "counts": {"high": 0, "low": 7}, "layers": ["base", "shop"]}');
  shop.run('evidence', 'add', 'json', join(shop.folder, 'note.json'), '--subject', 'git:HEAD', '--subject', `image=${other}`);
  await go('#/evidence');
  await page.waitForSelector('li[data-index]');
  await page.click(`li a[title="gitCommit:${commit}"] >> nth=0`);
  await page.waitForSelector('[data-kind="evidence/document/v1"] dl');
  const facts = async (kind) => Object.fromEntries(await page.$$eval(`[data-kind="${kind}"] dt`, (all) => all.map((term) => [term.textContent, term.nextElementSibling.textContent])));
  const tests = await facts('evidence/tests/v1');
  assert.deepEqual([tests.tests, tests.failures, tests.skipped], ['3', '1', '0'], 'the newest report counts');
  const document = Object.entries(await facts('evidence/document/v1')).filter(([path]) => /scanner|counts|layers/.test(path));
  assert.deepEqual(document.map(([path, text]) => `${path.replace(/^document\./, '')} ${text}`).sort(), ['counts 2 members', 'layers base, shop', 'scanner clair']);
  assert.match(await textOf('[data-kind="evidence/tests/v1"]'), /the newest of 3.*trusted/);
  assert.match(await textOf('.sum'), /^4 entries of 2 kinds/);
  assert.match(await page.getAttribute('[aria-labelledby="moments"] svg', 'aria-label'), /evidence\/tests\/v1: 3, the newest/);
  assert.equal(await page.locator('[aria-labelledby="moments"] circle').count(), 4);
  await look(page, 'subject');
  await page.click(`[aria-labelledby="companions"] a[title="${other}"]`);
  await page.waitForSelector('h1:has-text("image")');
  assert.match(await textOf('.sum'), /^1 entry of 1 kind/);
  await go(`#/evidence/subject/sha256:${'00'.repeat(32)}`);
  await page.waitForSelector('text=The log says nothing about it');
  await go('#/evidence/subject/nonsense');
  await page.waitForSelector('[data-problem="400"]');
}

// What jq itself says of each part: two reports are in the log, one green and one with a failure.
async function aConditionIsTriedOnTheLog() {
  await go('#/evidence');
  await page.click('text=Try a condition');
  await page.waitForSelector('textarea');
  await page.fill('textarea', 'gt(.predicate.tests; 2) and eq(.predicate.failures; 0)');
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('text=True of 2 of 3 statements');
  const answers = await page.$$eval('[data-tried]', (all) => all.map((one) => [one.dataset.answer, ...[...one.querySelectorAll('[data-part]')].map((part) => part.dataset.part)]));
  assert.deepEqual(answers, [['no', 'yes', 'no'], ['yes', 'yes', 'yes'], ['yes', 'yes', 'yes']], 'the newest has a failure');
  assert.match(await textOf('[data-answer="no"] dl'), /\.predicate\.tests ?3 ?\.predicate\.failures ?1/);
  assert.equal(await page.locator('[data-lint="clean"]').count(), 1);
  await look(page, 'lab');

  // Plain jq takes a missing member for less than any number: the lab says what a gate would.
  await page.fill('textarea', '.predicate.latency_ms < 14');
  await page.click('text=Try it');
  await page.waitForSelector('[data-lint="refusal"]');
  await page.waitForSelector('dd.bad >> text=missing');
  await page.fill('textarea', 'eq(.predicate.latency_ms; 14)');
  await page.click('text=Try it');
  await page.waitForSelector('[data-answer="error"]');
  await page.fill('textarea', 'eq(.predicate.tests;');
  await page.click('text=Try it');
  await page.waitForSelector('[data-answer="refused"], [role="alert"]');
  await look(page, 'lab-refused');
}

// A locked train keeps the notes of its manifest, whatever HEAD brings after it.
async function theNotesOfTwoTrainsAreCompared() {
  lockATrain(shop, '2031-03', '2031-03-04T08:00:00Z');
  shop.git('commit', '-q', '--allow-empty', '-m', 'fix(points): no gap at the tongue');
  await go('#/trains/2031-06');
  await page.click('text=Notes →');
  await page.waitForSelector('[data-line]');
  assert.equal(await page.inputValue('select'), '2031-03', 'beside the one that leaves before it');
  const lines = await page.$$eval('[data-line]', (all) => all.map((line) => [line.dataset.line, line.querySelector('span').textContent.replace(/\s+/g, ' ').trim()]));
  assert.deepEqual(lines, [['both', 'in both: frame: three levers'], ['here', 'only in 2031-06: points: no gap at the tongue']]);
  assert.match(await textOf('.sum'), /\+1 only in 2031-06=1 in both−0 only in 2031-03/);
  await look(page, 'notes-diff');
  await go('#/trains/2031-03/notes/2031-06');
  await page.waitForSelector('[data-line="there"]');
  assert.match(await textOf('.sum'), /\+0 only in 2031-03=1 in both−1 only in 2031-06/);
  assert.doesNotMatch(await textOf('pre'), /no gap at the tongue/);
}

async function theKeyboardReachesEverything() {
  for (const [place, ready] of [['#/calendar/2031', '[data-departure="2031-12"]'], ['#/evidence', '[data-witness]'], [`#/evidence/subject/gitCommit:${shop.git('rev-parse', 'HEAD^').trim()}`, '[data-kind="evidence/tests/v1"] dl'], ['#/evidence/lab', 'textarea'], ['#/trains/2031-06/notes', '[data-line]']]) {
    await go(place);
    await page.reload();
    await page.waitForSelector(ready);
    await tabThrough(page, place);
  }
}

try {
  await runSteps([theWayToGoIsTold, theYearTellsWhatIsFrozen, witnessesAreLights, aSubjectTellsAllThatIsKnown, aConditionIsTriedOnTheLog, theNotesOfTwoTrainsAreCompared, theKeyboardReachesEverything, theLogTellsItsCheckpoints], problems);
} finally {
  await browser.close();
  await server.stop();
  shop.remove();
}
