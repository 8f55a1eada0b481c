#!/usr/bin/env node
// Pages that are not Signalbox's, in the browser that is signed in to it: one on another port of this machine, one of another site, and one whose
// name was made to point here (DNS rebinding). None reads anything, and none writes anything.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { launch, makeRepository, newPage, serve } from './browser.mjs';

const repository = makeRepository();
repository.addTests();
const server = await serve(repository);

// What a page of another origin is served by: an empty page, which the test then fills with what an attacker would try.
const other = createServer((request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>other</title><p>other'));
await new Promise((ready) => other.listen(0, '127.0.0.1', ready));
const otherPort = other.address().port;

// Chromium's own defence of loopback addresses is off: what is refused, the server refused.
const browser = await launch('--host-resolver-rules=MAP rebound.example 127.0.0.1,MAP elsewhere.example 127.0.0.1', '--disable-features=LocalNetworkAccessChecks', '--no-proxy-server');
const context = await browser.newContext();
const problems = [];
const console_ = await newPage(context, problems);
await console_.goto(server.link);
await console_.waitForSelector('[data-decision="GO"]');

const statusOf = () => console_.evaluate(async () => (await fetch('/api/v1/evidence/status')).json());
const before = await statusOf();
assert.ok(before.size > 0);

// A real envelope, so that nothing but where it comes from is wrong with it.
const envelope = await console_.evaluate(async () => JSON.stringify((await (await fetch('/api/v1/evidence/entries/0')).json()).envelope));
assert.match(envelope, /"payload"/);

const readable = ['/api/v1/workspace', '/api/v1/train/decision', '/api/v1/evidence/entries', '/api/v1/evidence/entries/0', '/evidence/checkpoint', '/metrics', '/'];

// Everything here is done by the page itself. Returns what it got hold of, which must be nothing.
async function attack(page, target) {
  return page.evaluate(
    async ({ target, readable, envelope }) => {
      const got = [];
      for (const path of readable) {
        for (const credentials of ['include', 'omit']) {
          const answer = await fetch(target + path, { credentials, signal: AbortSignal.timeout(5_000) }).catch(() => null);
          const text = await answer?.text().catch(() => '');
          if (answer?.ok && text) got.push(`fetch ${path} ${credentials}: ${text.slice(0, 60)}`);
        }
        const opaque = await fetch(target + path, { mode: 'no-cors', credentials: 'include', signal: AbortSignal.timeout(5_000) }).catch(() => null);
        if (opaque && (opaque.ok || opaque.type === 'opaque') && (await opaque.text())) got.push(`no-cors ${path}`);
      }
      const posts = [
        ['text/plain', envelope], // needs no preflight
        ['application/json', envelope],
        ['application/x-www-form-urlencoded', envelope],
      ];
      for (const [type, body] of posts) {
        for (const mode of ['cors', 'no-cors']) {
          const headers = { 'content-type': type };
          const answer = await fetch(`${target}/api/v1/evidence/envelopes`, { method: 'POST', mode, credentials: 'include', headers, body }).catch(() => null);
          if (answer?.ok) got.push(`post ${type} ${mode}`);
        }
      }
      await fetch(`${target}/api/v1/session`, { method: 'DELETE', credentials: 'include' }).catch(() => {});
      navigator.sendBeacon(`${target}/api/v1/evidence/envelopes`, new Blob([envelope], { type: 'text/plain' }));
      const frame = document.createElement('iframe');
      frame.name = 'sink';
      document.body.append(frame);
      const form = Object.assign(document.createElement('form'), { method: 'post', action: `${target}/api/v1/evidence/envelopes`, enctype: 'text/plain', target: 'sink' });
      form.append(Object.assign(document.createElement('input'), { name: envelope.slice(0, -1), value: '}' }));
      document.body.append(form);
      form.submit();
      await new Promise((resolve) => setTimeout(resolve, 700));
      for (const path of ['/api/v1/train/stream', '/api/v1/evidence/stream']) {
        const heard = await new Promise((resolve) => {
          const source = new EventSource(target + path, { withCredentials: true });
          source.onopen = () => resolve(true);
          source.onerror = () => resolve(false);
          setTimeout(() => resolve(false), 3_000);
        });
        if (heard) got.push(`stream ${path}`);
      }
      const framed = document.createElement('iframe');
      framed.src = `${target}/`;
      document.body.append(framed);
      await new Promise((resolve) => setTimeout(resolve, 700));
      try {
        if (framed.contentDocument?.querySelector('#app')) got.push('frame');
      } catch {
        // another origin: nothing is seen of it
      }
      for (const kind of ['script', 'img']) {
        const loaded = await new Promise((resolve) => {
          const element = document.createElement(kind);
          element.onload = () => resolve(true);
          element.onerror = () => resolve(false);
          element.src = `${target}/api/v1/workspace`;
          document.body.append(element);
        });
        if (loaded) got.push(kind);
      }
      return got;
    },
    { target, readable, envelope },
  );
}

async function nothingWasTaken(who, got) {
  assert.deepEqual(got, [], who);
  const after = await statusOf();
  assert.deepEqual([after.size, after.root], [before.size, before.root], `${who} wrote nothing, and the session goes on`);
}

// A page is framed by nobody: Chromium shows an error in its place.
async function framesOf(page) {
  return Promise.all(page.frames().slice(1).map(async (frame) => (await frame.locator('#app').count().catch(() => 0)) > 0));
}

try {
  const target = server.address.replace(/\/$/, '');
  for (const [who, address] of [
    ['another port of this machine', `http://127.0.0.1:${otherPort}/`],
    ['another port of localhost', `http://localhost:${otherPort}/`],
    ['another site', `http://elsewhere.example:${otherPort}/`],
  ]) {
    const page = await context.newPage();
    await page.goto(address);
    const got = await attack(page, target);
    assert.ok((await framesOf(page)).every((shown) => !shown), `${who} frames nothing`);
    await nothingWasTaken(who, got);
    await page.close();
  }

  // Rebinding: the name pointed at the attacker when the page was fetched, and points here now. To the browser it is one origin.
  const rebound = `http://rebound.example:${server.port}`;
  const page = await context.newPage();
  await page.route(`${rebound}/attack`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>rebound</title>' }));
  await page.goto(`${rebound}/attack`);
  const answers = await page.evaluate(async (paths) => Promise.all(paths.map(async (path) => (await fetch(path)).status)), readable);
  assert.deepEqual(answers, readable.map(() => 403), 'a name that is not ours is answered nothing');
  await nothingWasTaken('a rebound name', await attack(page, ''));
  const link = new URL(server.link);
  assert.equal((await page.goto(`${rebound}/open${link.search}`)).status(), 403);
  await page.close();

  // Following a link from elsewhere to the console is fine; it shows what the signed-in person may see, to them alone.
  const followed = await context.newPage();
  await followed.goto(`http://elsewhere.example:${otherPort}/`);
  await followed.evaluate((address) => {
    document.body.append(Object.assign(document.createElement('a'), { href: address, textContent: 'follow' }));
  }, server.address);
  await followed.click('text=follow');
  await followed.waitForSelector('#app header');
  await followed.close();

  // The cookie is out of reach of scripts, and nothing of the one-time token stays in the page.
  const [cookie, ...more] = await context.cookies(server.address);
  assert.deepEqual([more.length, cookie.httpOnly, cookie.sameSite], [0, true, 'Strict']);
  assert.equal(await console_.evaluate(() => document.cookie), '');
  assert.doesNotMatch(await console_.evaluate(() => `${location.href}${document.referrer}${JSON.stringify(localStorage)}`), new RegExp(link.searchParams.get('token')));
  assert.deepEqual(problems, []);
} finally {
  await browser.close();
  other.close();
  await server.stop();
  repository.remove();
}
