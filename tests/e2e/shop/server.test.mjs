// The shop's own tests: what they report is the evidence that its trains depart on.
import assert from "node:assert";
import test from "node:test";
import { makeShop } from "./server.mjs";

async function withShop(share, random, use) {
  const shop = makeShop("v1.0.0", share, random);
  await new Promise((listening) => shop.listen(0, "127.0.0.1", listening));
  try {
    await use(`http://127.0.0.1:${shop.address().port}`);
  } finally {
    shop.closeAllConnections();
    await new Promise((closed) => shop.close(closed));
  }
}

test("answers with its version", () =>
  withShop(0, () => 0.5, async (address) => {
    const answer = await fetch(address);
    assert.strictEqual(answer.status, 200);
    assert.strictEqual(await answer.text(), "v1.0.0");
  }));

test("fails in the share that was asked for", () =>
  withShop(0.3, () => 0.2, async (address) => assert.strictEqual((await fetch(address)).status, 500)));

test("counts what it answered", () =>
  withShop(0, () => 0.5, async (address) => {
    await fetch(address);
    await fetch(address);
    const text = await (await fetch(`${address}/metrics`)).text();
    assert.match(text, /http_requests_total\{version="v1\.0\.0",code="200"\} 2/);
  }));
