// What the browser tests share: a repository that a test generates, a real `signalbox serve` in it, and Debian's Chromium.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const source = process.env.SIGNALBOX_SOURCE_DIR ?? fileURLToPath(new URL('../..', import.meta.url));
export const signalbox = process.env.SIGNALBOX ?? join(source, 'build/release/bin/signalbox');
const require = createRequire(join(source, 'web/package.json'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const chromiumPath = '/usr/bin/chromium';
const skipped = 77;

for (const [path, what] of [[chromiumPath, 'Chromium'], [join(dirname(signalbox), '../lib/signalbox/signalbox-serve'), 'signalbox-serve']]) {
  if (!existsSync(path)) {
    console.log(`skipped: ${what} is not there (${path})`);
    process.exit(skipped);
  }
}

export const pictures = join(process.env.SIGNALBOX_BUILD_DIR ?? dirname(dirname(signalbox)), 'screenshots');
mkdirSync(pictures, { recursive: true });

const junit = (failures) => `<testsuite name="units" tests="3" failures="${failures}" errors="0" time="1.5">
  <testcase classname="store" name="keeps" time="0.5"/><testcase classname="store" name="finds" time="0.5"/>
  <testcase classname="git" name="reads" time="0.5">${failures > 0 ? '<failure message="1 is not 2"/>' : ''}</testcase></testsuite>`;

// A repository with a release and three kinds of commits after it, and a home of its own, so that its keys and log are new.
export function makeRepository() {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-browser-'));
  const root = join(folder, 'points');
  const env = { ...process.env, HOME: join(folder, 'home'), XDG_DATA_HOME: join(folder, 'data'), XDG_STATE_HOME: join(folder, 'state'), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', NO_COLOR: '1' };
  for (const key of ['SIGNALBOX_STORE', 'SIGNALBOX_KEY_PASSWORD']) delete env[key];
  for (const path of [root, env.HOME]) mkdirSync(path, { recursive: true });
  const git = (...args) => execFileSync('git', ['-c', 'user.name=Ada Lovelace', '-c', 'user.email=ada@example.org', ...args], { cwd: root, env, encoding: 'utf8' });
  const run = (...args) => execFileSync(signalbox, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const commit = (message, file, text) => {
    writeFileSync(join(root, file), text);
    git('add', '-A');
    git('commit', '-q', '-m', message);
  };
  git('init', '-q', '-b', 'main');
  commit('feat: set points by lever', 'lever.txt', 'one lever\n');
  git('tag', '-a', '-m', 'first', 'v0.1.0');
  commit('feat(frame): interlock two levers', 'frame.txt', 'two levers\n');
  commit('fix(points): lock before the signal clears', 'points.txt', 'locked\n');
  commit('docs: say what a detector is', 'detector.txt', 'a detector\n');
  commit('feat(signal): a lamp that proves itself', 'CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n- Levers are interlocked.\n\n## 0.1.0\n\n- First.\n');
  return {
    root, folder, env, git, run,
    addTests(failures = 0) {
      const file = join(folder, 'results.xml');
      writeFileSync(file, junit(failures));
      return run('evidence', 'add', 'junit', file, '--subject', 'git:HEAD');
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

// `signalbox serve` in the repository. `link` is the address it printed, `address` the origin of it.
export async function serve(repository, listen = '127.0.0.1:0') {
  const child = spawn(signalbox, ['serve', '--listen', listen], { cwd: repository.root, env: repository.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => (errors += text));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const link = await Promise.race([
    new Promise((resolve) => createInterface(child.stdout).once('line', (line) => resolve(line.trim()))),
    ended.then((code) => assert.fail(`signalbox serve ended with ${code}: ${errors}`)),
  ]);
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/open\?token=\S+$/);
  return {
    link,
    address: new URL('/', link).href,
    port: Number(new URL(link).port),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

export function launch(...more) {
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...more],
  });
}

const pages = []; // that are told of when a step fails
const lastMost = 12;

// A page that remembers what goes wrong in it: errors of scripts, and what its Content-Security-Policy refused.
export async function newPage(context, problems) {
  const page = await context.newPage();
  const last = [];
  const note = (text) => last.push(`${new Date().toISOString().slice(14, 23)} ${text}`) > lastMost && last.shift();
  page.on('request', (request) => note(`asks ${request.url()}`));
  page.on('response', (response) => note(`${response.status()} ${response.url()}`));
  page.on('requestfailed', (request) => note(`${request.failure()?.errorText} ${request.url()}`));
  page.on('console', (message) => note(`says ${message.text()}`));
  pages.push({ page, last });
  page.setDefaultTimeout(90_000); // a page of a machine that builds besides
  page.on('pageerror', (error) => problems.push(error.message));
  await page.exposeFunction('violated', (what) => problems.push(what));
  await page.addInitScript(() => addEventListener('securitypolicyviolation', (e) => window.violated(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`)));
  return page;
}

export const widths = [[1280, 800], [390, 844]];
const settledMilliseconds = 2_000; // at most

// Transitions that end have ended.
function settled(page) {
  return page.evaluate((most) => {
    const ending = document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < Infinity);
    return Promise.race([Promise.allSettled(ending.map((each) => each.finished)), new Promise((resolve) => setTimeout(resolve, most))]).then(() => {});
  }, settledMilliseconds);
}

const pictureMilliseconds = 30_000;
const pictureTries = 3;

// Chromium was seen, once in a while, to give no picture for a minute and a half: it is asked again.
async function takePicture(page, name) {
  for (let left = pictureTries; ; --left) {
    try {
      return await page.screenshot({ path: join(pictures, name), fullPage: true, timeout: pictureMilliseconds });
    } catch (error) {
      if (left === 1 || error.name !== 'TimeoutError') throw error;
      console.log(`${name}: no picture in ${pictureMilliseconds / 1_000} s, asked again`);
    }
  }
}

// A view at each width, dark and light: pictured, no wider than the window, and with nothing that axe finds against WCAG 2.1 A and AA (colours do
// not depend on the width, so a narrow window is judged in one theme).
export async function look(page, name) {
  for (const [width, height] of widths) {
    await page.setViewportSize({ width, height });
    for (const theme of ['dark', 'light']) {
      await page.evaluate((value) => (document.documentElement.dataset.theme = value), theme);
      await settled(page);
      const { overflow, by } = await page.evaluate(() => {
        const past = (element) => element.getBoundingClientRect().right > innerWidth;
        const innermost = [...document.querySelectorAll('body *')].filter((element) => past(element) && ![...element.children].some(past));
        return { overflow: document.documentElement.scrollWidth - innerWidth, by: innermost.slice(0, 3).map((element) => element.outerHTML.slice(0, 200)) };
      });
      assert.ok(overflow <= 0, `${name} is ${overflow} pixels wider than ${width}: ${by.join(' and ')}`);
      await takePicture(page, `${name}-${width}-${theme}.png`);
      if (width > 390 || theme === 'light') assert.deepEqual(await accessibilityProblems(page), [], `${name} at ${width} pixels, ${theme}`);
    }
  }
  await page.setViewportSize({ width: widths[0][0], height: widths[0][1] });
}

const focusable = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';

// Everything on a page that was just loaded that can be clicked is reached by Tab, in its order, and seen when it is.
export async function tabThrough(page, place) {
  const wanted = await page.evaluate((selector) => {
    const all = [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility() && !e.closest('dialog:not([open])'));
    all.forEach((e, i) => (e.dataset.at = i));
    return all.length;
  }, focusable);
  for (let i = 0; i < wanted; ++i) {
    await page.keyboard.press('Tab');
    const [at, outline, width] = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return [document.activeElement.dataset.at, style.outlineStyle, parseFloat(style.outlineWidth)];
    });
    assert.equal(Number(at), i, `${place}: Tab ${i + 1}`);
    assert.ok(outline !== 'none' && width >= 2, `${place}: the focus on element ${i} is seen`);
  }
}

// What axe finds, and the contrast of text in drawings, which axe leaves to people: WCAG 2.1 criterion 1.4.3, its formula.
async function accessibilityProblems(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
    const { violations, incomplete } = await window.axe.run(document, { runOnly: rules });
    const isText = (node) => !document.querySelector(node.target[0])?.closest('svg') && /\p{L}/u.test(document.querySelector(node.target[0])?.textContent);
    const unsure = incomplete.filter((rule) => rule.id === 'color-contrast').map((rule) => ({ ...rule, nodes: rule.nodes.filter(isText) }));
    const found = [...violations, ...unsure].flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.any[0]?.message ?? node.all[0]?.message ?? ''}`));

    const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
    const luminance = (colour) => {
      const [r, g, b] = channels(colour).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (text) => {
      text.scrollIntoView({ block: 'center' });
      const box = text.getBoundingClientRect();
      for (const element of document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)) {
        const style = getComputedStyle(element);
        const colour = element instanceof SVGGeometryElement ? style.fill : element instanceof HTMLElement ? style.backgroundColor : 'none';
        if (/^rgb\(/.test(colour)) return colour;
      }
      return 'rgb(0, 0, 0)';
    };
    for (const text of document.querySelectorAll('svg text')) {
      if (!text.textContent.trim() || document.querySelector('dialog[open]') || text.closest('.stale')) continue;
      const [light, dark] = [luminance(getComputedStyle(text).fill), luminance(ground(text))].sort((x, y) => y - x);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < 4.5) found.push(`drawn text "${text.textContent}": ${ratio.toFixed(2)}`);
    }
    scrollTo(0, 0);
    return found;
  });
}

// What each page shows and asked for last.
async function stateOfPages() {
  const told = [];
  for (const { page, last } of pages) {
    if (page.isClosed()) continue;
    const late = new Promise((resolve) => setTimeout(resolve, 5_000, 'it does not answer'));
    const shown = await Promise.race([page.evaluate(() => `${document.visibilityState}: ${document.body.innerText}`), late]).catch(String);
    told.push(`${page.url()} ${shown.replace(/\s+/g, ' ').slice(0, 1_000)}`, ...last);
  }
  return told.join('\n');
}

// Each step in turn, with what it took; whatever the page complained of in it fails it.
export async function runSteps(steps, problems) {
  for (const step of steps) {
    const began = Date.now();
    try {
      await step();
      assert.deepEqual(problems, [], step.name);
    } catch (error) {
      error.stack = `${await stateOfPages()}\n${step.name} failed after ${Date.now() - began} ms\n${error.stack}`;
      throw error;
    }
    console.log(`${step.name}: ${Date.now() - began} ms`);
  }
}

const answers = ['tests', 'merged-ci', 'integration-tests', 'security-scan', 'migration-plan', 'migration-reversible', 'data-rollback', 'feature-toggle', 'observability', 'business-impact'];

// HEAD on a train of its own, with every answer, approved by grace and locked.
export function lockATrain(shop, train, when) {
  const commit = shop.git('rev-parse', 'HEAD').trim();
  shop.run('train', 'new', train, '--depart', when);
  shop.run('train', 'board', commit, '--train', train, '--owner', 'ada', '--risk', 'low', '--rollback', 'docs/rollback.md', ...answers.flatMap((item) => ['--check', `${item}=n/a: a test`]));
  shop.run('train', 'approve-passenger', commit, '--train', train, '--key', 'grace');
  shop.run('train', 'lock', train);
}
