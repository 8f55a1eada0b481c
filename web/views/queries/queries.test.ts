import { expect, test } from 'vitest';
import { bytesText, changeText, countText, msText, shareText, shellWord, spark } from './queries';

test('figures are those that the command line shows', () => {
  expect([0, 0.0123, 12.345, 1_234, 125_000, 10_920_000].map(msText)).toEqual(['0 ms', '0.012 ms', '12.3 ms', '1.23 s', '2 min 5 s', '3 h 2 min']);
  expect([1_234_567, 12_345_678].map(countText)).toEqual(['1,234,567', '12.3 M']);
  expect([16_384, 1_288_490_189].map(bytesText)).toEqual(['16.0 KiB', '1.20 GiB']);
  expect([0.1234, 0.0001].map(shareText)).toEqual(['12.3 %', '< 0.1 %']);
});

test('a rank is told beside the one before', () => {
  expect([changeText(1, 4), changeText(3, 1), changeText(2, 0), changeText(2, 2), changeText(2, null)]).toEqual(['↑3', '↓2', 'new', '', '']);
});

test('what is copied into a shell is one word there', () => {
  expect(['db1:5432', 'shop <b>', "o'brien; rm -rf /", ''].map(shellWord)).toEqual(['db1:5432', "'shop <b>'", "'o'\\''brien; rm -rf /'", "''"]);
});

test('a trend fills its box', () => {
  expect(spark([0, 5, 10])).toBe('0.0,15.0 30.0,8.0 60.0,1.0');
  expect(spark([0, 0])).toBe('');
});
