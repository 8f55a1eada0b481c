import { expect, it } from 'vitest';
import { preAuthentication } from './checks';

it('is signed over the encoding of the DSSE specification', () => {
  const encoded = preAuthentication('http://example.com/HelloWorld', Uint8Array.from(Buffer.from('hello world')));
  expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});
