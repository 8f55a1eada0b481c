import { expect, it } from 'vitest';
import { parseCheckpoint, verifySignature } from './note';

// The example key and note of the Go documentation of golang.org/x/mod/sumdb/note.
const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const note =
  'If you think cryptography is the answer to your problem,\nthen you don\'t know what your problem is.\n\n' +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

const asCheckpoint = (text: string) => {
  const split = text.lastIndexOf('\n\n');
  const parsed = parseCheckpoint(`x\n0\n\n${text.slice(split + 1)}`);
  return { ...parsed, text: text.slice(0, split + 1) };
};

it('accepts the published note and refuses it with one letter changed', async () => {
  expect(await verifySignature(asCheckpoint(note), vkey)).toBe('valid');
  expect(await verifySignature(asCheckpoint(note.replace('answer', 'Answer')), vkey)).toBe('invalid');
});
it('refuses a key whose id does not follow from its name', async () => {
  expect(await verifySignature(asCheckpoint(note), vkey.replace('PeterNeumann', 'PeterNewmann'))).toBe('invalid');
});
it('reads the origin, size and root of a checkpoint', () => {
  const read = parseCheckpoint('example.com/log\n12\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— example.com/log AAAAAAAA\n');
  expect(read).toMatchObject({ origin: 'example.com/log', size: 12 });
  expect(read.root).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});
