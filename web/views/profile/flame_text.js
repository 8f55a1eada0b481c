// Amounts, shares and names as a person reads them; the same as amount_text.cpp and fitted_name of the C++ side.

function threeDigits(amount) {
  const size = Math.abs(amount);
  return amount.toFixed(size >= 99.95 || size === 0 ? 0 : size >= 9.995 ? 1 : 2);
}

function scaled(amount, step, units) {
  let unit = 0;
  while (unit + 1 < units.length && Math.abs(amount) >= step * 0.9995) {
    amount /= step;
    ++unit;
  }
  return `${threeDigits(amount)} ${units[unit]}`;
}

const nanoseconds = { nanoseconds: 1, microseconds: 1e3, milliseconds: 1e6, seconds: 1e9 };

// "1.25 s", "12,345", "4.2 MiB".
function amountText(amount, unit) {
  if (nanoseconds[unit]) return scaled(amount * nanoseconds[unit], 1000, ['ns', 'µs', 'ms', 's']);
  if (unit === 'bytes') return scaled(amount, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
  const number = Math.round(amount).toLocaleString('en-US');
  return !unit || unit === 'count' || unit === 'none' ? number : `${number} ${unit}`;
}

function percentDigits(share) {
  const percent = share * 100;
  const size = Math.abs(percent);
  if (size === 0) return '0';
  return percent.toFixed(size >= 0.0995 ? 1 : size >= 0.00995 ? 2 : 3);
}

const percentText = (share) => `${percentDigits(share)} %`;

// "12.3 % (11.6–13.0 %)"
function shareText({ share, interval }) {
  return interval ? `${percentText(share)} (${percentDigits(interval[0])}–${percentText(interval[1])})` : percentText(share);
}

// Where a name goes on behind its first qualifier; -1 without one.
function afterQualifier(name) {
  let depth = 0;
  for (let i = 0; i + 2 < name.length; ++i) {
    if ('<({'.includes(name[i])) ++depth;
    if ('>)}'.includes(name[i])) --depth;
    if (depth === 0 && name[i] === ':' && name[i + 1] === ':') return i + 2;
  }
  return -1;
}

// What of a name fits: without the qualifiers in front, the last of them cut at its start, then the name cut.
function fittedName(name, characters) {
  if (name.length <= characters) return name;
  if (characters < 5) return '';
  for (let next = afterQualifier(name); next >= 0; next = afterQualifier(name)) {
    const qualified = name;
    name = name.slice(next);
    if (name.length > characters) continue;
    return afterQualifier(name) >= 0 || characters < name.length + 8 ? name : '…' + qualified.slice(1 - characters);
  }
  return [...name].slice(0, characters - 1).join('') + '…';
}

export { amountText, fittedName, percentText, shareText };
