#!/usr/bin/env node
// The console in Debian's Chromium: what a person sees and does, and that its Content-Security-Policy is never violated.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFixture } from './console_fixture.mjs';

const source = process.env.SIGNALBOX_SOURCE_DIR ?? fileURLToPath(new URL('../..', import.meta.url));
const build = dirname(dirname(process.env.SIGNALBOX ?? join(source, 'build/release/bin/signalbox')));
const { chromium } = createRequire(join(source, 'web/package.json'))('playwright-core');
const pictures = join(build, 'screenshots');
mkdirSync(pictures, { recursive: true });

const fixture = await startFixture(join(build, 'src/core/console/embedded/dist'));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' });
page.setDefaultTimeout(15_000);
const problems = [];
page.on('pageerror', (error) => problems.push(error.message));
await page.exposeFunction('violated', (what) => problems.push(what));
await page.addInitScript(() => addEventListener('securitypolicyviolation', (e) => window.violated(`${e.violatedDirective} ${e.blockedURI}`)));

async function pictured(name) {
  for (const [width, height] of [[1280, 800], [390, 844]]) {
    await page.setViewportSize({ width, height });
    for (const theme of ['dark', 'light']) {
      await page.evaluate((value) => (document.documentElement.dataset.theme = value), theme);
      await page.waitForTimeout(900);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${name} is ${overflow} pixels wider than ${width}`);
      await page.screenshot({ path: join(pictures, `${name}-${width}-${theme}.png`), fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

try {
  await page.goto(fixture.address);
  await page.waitForSelector('[data-decision="NO-GO"]');
  await page.waitForSelector('header [data-state="live"]');
  assert.equal(await page.getAttribute('[data-gate="tests"]', 'data-verdict'), 'fail');
  await pictured('board-no-go');

  fixture.depart();
  await page.waitForSelector('[data-decision="GO"]');
  assert.equal(await page.getAttribute('[data-gate="tests"]', 'data-verdict'), 'pass');
  await pictured('board-go');

  fixture.cut();
  await page.waitForSelector('header [data-state="lost"]');
  await page.waitForSelector('header [data-state="live"]');

  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.waitForSelector('li[data-index="4"]');
  await pictured('evidence');
  for (const index of [4, 2, 0]) {
    await page.goto(`${fixture.address}#/evidence/${index}`);
    await page.waitForSelector(`h1:has-text("#${index}")`);
    await page.waitForSelector('.proof[data-holds="true"]');
    assert.equal(await page.getAttribute('[data-hash="root"]', 'title'), fixture.root);
    assert.equal(await page.locator('[data-link][data-answer="holds"]').count(), 5);
  }
  await pictured('entry');
  await page.selectOption('.proof select', 'the record');
  await page.waitForSelector('.proof[data-tampered="true"][data-broken="leaf"]');
  assert.notEqual(await page.getAttribute('[data-hash="root"]', 'title'), fixture.root);
  await pictured('entry-tampered');

  await page.keyboard.press('?');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.waitForSelector('[data-decision="GO"]');
  fixture.expired = true;
  fixture.cut();
  await page.waitForSelector('text=This session has ended');
  assert.deepEqual(problems, []);
} finally {
  await browser.close();
  fixture.stop();
}
