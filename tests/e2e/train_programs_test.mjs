#!/usr/bin/env node
// The programs that people come from: conventional-changelog, commit-and-tag-version and release-please read the same histories. Each difference
// is named here. release-please is given commits and a latest release as its GitHub reader would, everything after that is its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { commitsOf, env, makeTraps, run } from './peers/traps.mjs';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-programs-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
env.XDG_DATA_HOME = join(folder, 'data');
const peers = join(folder, 'peers');
mkdirSync(peers);
writeFileSync(join(peers, 'package.json'), '{"type":"module"}');
// Pinned to what runs on Node 18.
const packages = ['conventional-changelog-cli@4.1.0', 'conventional-changelog-conventionalcommits@7.0.2', 'commit-and-tag-version@12.4.1', 'release-please@16.10.2'];
if (spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent', '--fetch-retries=0', '--fetch-timeout=60000', ...packages], { cwd: peers }).status !== 0) {
  console.log('skipped: npm cannot be reached, so there are no programs to compare with');
  process.exit(77);
}
const require = createRequire(join(peers, 'x.js'));
const { setLogger } = require('release-please');
const { buildStrategy } = require('release-please/build/src/factory.js');
const { parseConventionalCommits } = require('release-please/build/src/commit.js');
const { TagName } = require('release-please/build/src/util/tag-name.js');
setLogger(Object.fromEntries(['error', 'warn', 'info', 'debug', 'trace'].map((level) => [level, () => {}])));

const program = (cwd, name, ...words) => spawnSync(join(peers, 'node_modules/.bin', name), words, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 }).stdout;
// Of notes in Markdown the commits that they link to.
const linked = (notes, commits) => commits.filter((one) => notes.includes(`[${one.hash.slice(0, 7)}](`)).map((one) => one.hash);
const writePackage = (cwd, version) =>
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ name: 'x', version, repository: { type: 'git', url: 'https://example.com/o/r.git' } }));

const changelogOf = (cwd, commits, next) => {
  writePackage(cwd, next); // it takes the version that is to be from there
  return linked(program(cwd, 'conventional-changelog', '-p', 'conventionalcommits', '-r', '1'), commits);
};
const tagOf = (cwd, last) => {
  writePackage(cwd, last);
  return program(cwd, 'commit-and-tag-version', '--dry-run').match(/bumping version in package.json from \S+ to (\S+)/)[1];
};
const nothing = async () => { throw new Error('there is no such file'); };
const github = { repository: { owner: 'o', repo: 'r', defaultBranch: 'main' }, getFileContentsOnBranch: nothing, getFileContents: nothing, getFileJson: nothing, findFilesByFilename: async () => [] };
const releasePlease = async (commits, tag) => {
  const strategy = await buildStrategy({ github, targetBranch: 'main', releaseType: 'simple', path: '.' });
  const read = parseConventionalCommits(commits.map((one) => ({ sha: one.hash, message: one.message, files: ['a'] })));
  const request = await strategy.buildReleasePullRequest(read, { tag: TagName.parse(tag), sha: 'x', notes: '' });
  return { version: request.version.toString(), told: linked(request.body.toString(), commits) };
};
const ours = (cwd) => {
  const plan = JSON.parse(spawnSync(process.env.SIGNALBOX, ['train', 'plan', '--json'], { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 }).stdout).data;
  const section = (title) => plan.sections.filter((one) => one.title === title).flatMap((one) => one.passengers.map((passenger) => passenger.id));
  return { next: plan.next_version, ids: plan.sections.flatMap((one) => one.passengers.map((passenger) => passenger.id)), changes: ['Features', 'Fixes', 'Performance'].flatMap(section) };
};

// ---- A history made here.
const made = join(folder, 'made');
const { ids, git, commit, names } = makeTraps(folder, made);
const commits = commitsOf(made, 'v1.0.0..HEAD');
const here = ours(made);
const please = await releasePlease(commits, 'v1.0.0');
assert.equal(here.next, '2.0.0');
assert.equal(please.version, '2.0.0');
assert.equal(tagOf(made, '1.0.0'), '2.0.0');
const told = names([...here.changes, ...here.ids.filter((id) => [ids.breakingChore, ids.breakingDocs].includes(id))]);
const differ = (theirs) => ({ more: theirs.filter((name) => !told.includes(name)), less: told.filter((name) => !theirs.includes(name)) });
// Its grammar takes parentheses in a scope; the specification's does not, so for us that commit is unclassified.
assert.deepEqual(differ(names(changelogOf(made, commits, '2.0.0'))), { more: ['nestedScope'], less: [] });
// It tells of what was taken back again, takes `fix:no space`, and cannot read a body with an odd bracket.
assert.deepEqual(differ(names(please.told)), { more: ['bad', 'noSpace'], less: ['fence'] });

// Nested commits of a squashed body count for the next version where `expand_squash` says so, as they do for release-please.
const nested = [
  ['chore: many (#2)\n\nBEGIN_NESTED_COMMIT\nfeat(a): one\nEND_NESTED_COMMIT\n', '1.1.0'],
  ['fix: more (#3)\n\nBEGIN_NESTED_COMMIT\nfix(a): two\n\nBREAKING CHANGE: it went\nEND_NESTED_COMMIT\nBEGIN_NESTED_COMMIT\nfeat: three\n', '2.0.0'],
];
writeFileSync(join(made, 'signalbox.yaml'), 'train: {expand_squash: version}\n');
for (const [message, next] of nested) {
  git('checkout', '-q', '--detach', 'v1.0.0');
  commit(message);
  assert.equal((await releasePlease(commitsOf(made, 'v1.0.0..HEAD'), 'v1.0.0')).version, next);
  assert.equal(ours(made).next, next, message);
}

// ---- The history of another project.
const corpus = join(process.env.SIGNALBOX_CORPUS ?? join(process.env.SIGNALBOX_SOURCE_DIR, '..', 'shared', 'corpus'), 'train', 'vite.fast-import.xz');
if (!existsSync(corpus)) {
  console.log('the history made here agrees; left out: no history of another project');
  process.exit(0);
}
const cwd = join(folder, 'vite');
run(folder, 'git', ['init', '-q', '-b', 'main', cwd]);
execFileSync('sh', ['-c', `xz -dc '${corpus}' | git -C '${cwd}' fast-import --quiet && git -C '${cwd}' checkout -q main`]);
const waiting = commitsOf(cwd, 'v8.2.2..HEAD');
const vite = ours(cwd);
const viteByPlease = await releasePlease(waiting, 'v8.2.2');
assert.equal(viteByPlease.version, vite.next);
assert.equal(tagOf(cwd, '8.2.2'), vite.next);
assert.deepEqual([...viteByPlease.told].sort(), [...vite.changes].sort());
assert.deepEqual(changelogOf(cwd, waiting, vite.next).sort(), [...vite.changes].sort());
console.log(`three programs say ${vite.next} and tell of the same ${vite.changes.length} changes of vite as we do`);
