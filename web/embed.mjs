// Builds the console and writes what the C++ build embeds: one compressed file for each asset, assets.s that includes their octets, and
// asset_table.cpp with path, media type and encoding of each.
//   node web/embed.mjs --npm NPM --out FOLDER
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';

const web = fileURLToPath(new URL('.', import.meta.url));
const { values: options } = parseArgs({ options: { npm: { type: 'string' }, out: { type: 'string' } } });
const out = options.out;

const mediaTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

function sha256(octets) {
  return createHash('sha256').update(octets).digest('hex');
}

function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

// Installs the packages of package-lock.json, unless they are there already.
function install() {
  const stamp = join(web, 'node_modules', '.installed-lock');
  const wanted = sha256(readFileSync(join(web, 'package-lock.json')));
  if (readOr(stamp, '') === wanted) return;
  try {
    execFileSync(options.npm, ['ci', '--prefer-offline', '--ignore-scripts', '--loglevel=error'], { cwd: web, stdio: 'inherit' });
  } catch {
    console.error('The packages of the console could not be installed. Is there a network? Where it has a certificate authority of its');
    console.error('own, name its file in npm_config_cafile and NODE_EXTRA_CA_CERTS. Without the console: -DSIGNALBOX_CONSOLE=OFF.');
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

function compress(octets) {
  const smaller = brotliCompressSync(octets, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: octets.length },
  });
  return smaller.length < octets.length ? { octets: smaller, encoding: 'br' } : { octets, encoding: '' };
}

function embed(dist) {
  const assembly = ['.section .rodata'];
  const declarations = [];
  const rows = [];
  for (const [i, file] of filesBelow(dist).entries()) {
    const path = '/' + relative(dist, file);
    const mediaType = mediaTypes[extname(file)];
    if (!mediaType) throw new Error(`${path}: no media type is known for ${extname(file)}; add it to web/embed.mjs`);
    const { octets, encoding } = compress(readFileSync(file));
    const embedded = join(out, `asset_${i}`);
    writeFileSync(embedded, octets);
    const symbol = `signalbox_asset_${i}`;
    assembly.push(`# sha256 ${sha256(octets)}`, `.globl ${symbol}`, `${symbol}:`, `.incbin "${embedded}"`);
    declarations.push(`extern const char ${symbol}[];`);
    const immutable = path.startsWith('/assets/');
    const asset = `{{${symbol}, ${octets.length}}, "${mediaType}", "${encoding}", ${immutable}}`;
    rows.push(`    {"${path === '/index.html' ? '/' : path}", ${asset}},`);
  }
  assembly.push('.section .note.GNU-stack,"",@progbits', '');
  writeFileSync(join(out, 'assets.s'), assembly.join('\n'));
  writeFileSync(
    join(out, 'asset_table.cpp'),
    `// Written by web/embed.mjs.
#include "core/console/asset_table.hpp"

extern "C" {
${declarations.join('\n')}
}

namespace signalbox::console {

std::span<const NamedAsset> asset_table() {
  static const NamedAsset table[] = {
${rows.join('\n')}
  };
  return table;
}

}  // namespace signalbox::console
`,
  );
}

mkdirSync(out, { recursive: true });
install();
const dist = join(out, 'dist');
rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(web, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn', '--outDir', dist], {
  cwd: web,
  stdio: 'inherit',
});
embed(dist);
