import { describe, expect, it } from 'vitest';
import { addressOf, parsePlace } from './router';

describe('an address inside the console', () => {
  it('names a view, a place in it and its filters', () => {
    expect(parsePlace('#/evidence/12?type=a%2Fb')).toEqual({ view: 'evidence', rest: ['12'], filters: { type: 'a/b' } });
  });
  it('is the first view when it is empty', () => {
    expect(parsePlace('')).toEqual({ view: '', rest: [], filters: {} });
    expect(parsePlace('#/')).toEqual({ view: '', rest: [], filters: {} });
  });
  it('comes back as it was written, with slashes and question marks inside a part', () => {
    const place = { view: 'evidence', rest: ['a/b?c'], filters: { subject: 'gitCommit:00', type: 'https://x/y?z=1&u' } };
    expect(parsePlace(addressOf(place.view, place.rest, place.filters))).toEqual(place);
  });
  it('leaves out empty filters, and survives a broken escape', () => {
    expect(addressOf('evidence', [], { type: '' })).toBe('#/evidence');
    expect(parsePlace('#/evidence/%zz').rest).toEqual(['%zz']);
  });
});
