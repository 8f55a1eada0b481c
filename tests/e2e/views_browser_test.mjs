#!/usr/bin/env node
// The views that tell people what to do next and what they could not see before, on a real `signalbox serve`: the way to GO, the year of freezes.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, look, makeRepository, newPage, serve, tabThrough } from './browser.mjs';

const policy = `train:
  pass_at: 0
  rubric: []
  changelog: false
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

// Days are those of whoever looks: 17:00 UTC on 18 December is 18:00 in Berlin, and 3 January ends there an hour before it does in UTC.
async function theYearTellsWhatIsFrozen() {
  await page.goto(server.link);
  await go('#/calendar/2031');
  await page.waitForSelector('[data-frozen="false"]');
  await page.waitForSelector('[data-departure="2031-12"]');
  const december = '[data-month="December"]';
  assert.equal(await textOf(`${december} h3`), 'December : frozen 19 to 31; partly frozen 18; 2031-12 departs on 20');
  assert.equal(await textOf('[data-month="May"] h3'), 'May : frozen 5 to 7');
  assert.equal(await textOf('[data-month="June"] h3'), 'June : 2031-06 departs on 3');
  assert.deepEqual(await Promise.all(['.whole', '.partly', '.leaves'].map((what) => page.locator(`${december} .day${what}`).count())), [13, 1, 1]);
  assert.deepEqual(await page.$$eval('[data-freeze]', (all) => all.map((freeze) => freeze.dataset.freeze)), ['fair', "year's end"]);
  assert.match(await textOf('[data-freeze="fair"]'), /shop.*3 d.*Mon 5 May, 00:00 → Thu 8 May, 00:00/);
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
  assert.match(await textOf('[data-kind="evidence/tests/v1"]'), /the newest of 2.*trusted/);
  assert.match(await textOf('.sum'), /^3 entries of 2 kinds/);
  assert.match(await page.getAttribute('[aria-labelledby="moments"] svg', 'aria-label'), /evidence\/tests\/v1: 2, the newest/);
  assert.equal(await page.locator('[aria-labelledby="moments"] circle').count(), 3);
  await look(page, 'subject');
  await page.click(`[aria-labelledby="companions"] a[title="${other}"]`);
  await page.waitForSelector('h1:has-text("image")');
  assert.match(await textOf('.sum'), /^1 entry of 1 kind/);
  await go(`#/evidence/subject/sha256:${'00'.repeat(32)}`);
  await page.waitForSelector('text=The log says nothing about it');
  await go('#/evidence/subject/nonsense');
  await page.waitForSelector('[data-problem="400"]');
}

async function theKeyboardReachesEverything() {
  for (const [place, ready] of [['#/calendar/2031', '[data-departure="2031-12"]'], ['#/evidence', '[data-witness]'], [`#/evidence/subject/gitCommit:${shop.git('rev-parse', 'HEAD').trim()}`, '[data-kind="evidence/tests/v1"] dl']]) {
    await go(place);
    await page.reload();
    await page.waitForSelector(ready);
    await tabThrough(page, place);
  }
}

try {
  for (const step of [theYearTellsWhatIsFrozen, witnessesAreLights, aSubjectTellsAllThatIsKnown, theKeyboardReachesEverything]) {
    const began = Date.now();
    await step();
    assert.deepEqual(problems, [], step.name);
    console.log(`${step.name}: ${Date.now() - began} ms`);
  }
} finally {
  await browser.close();
  await server.stop();
  shop.remove();
}
