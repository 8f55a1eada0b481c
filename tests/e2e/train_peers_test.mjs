#!/usr/bin/env node
// The same histories through our notes, git-cliff, semantic-release and release-please's parser: the same commits and the same next version,
// or a difference that this file names. Without npm nothing is compared, and without the corpus only the histories made here are.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { commitsOf, env, makeTraps, run, traps } from './peers/traps.mjs';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-peers-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
env.XDG_DATA_HOME = join(folder, 'data');
const train = (cwd, ...words) => spawnSync(process.env.SIGNALBOX, ['train', ...words], { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });

const peers = join(folder, 'peers');
execFileSync('mkdir', [peers]);
writeFileSync(join(peers, 'package.json'), '{"type":"module"}');
// Pinned to what runs on Node 18. release-please itself works on GitHub's API alone; what reads its commits is this parser.
const packages = ['git-cliff@2.14.2', '@semantic-release/commit-analyzer@11.1.0', '@semantic-release/release-notes-generator@12.1.0',
  'conventional-changelog-conventionalcommits@7.0.2', '@conventional-commits/parser@0.4.1'];
if (spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent', '--fetch-retries=0', '--fetch-timeout=30000', ...packages], { cwd: peers }).status !== 0) {
  console.log('skipped: npm cannot be reached, so there are no peers to compare with');
  process.exit(77);
}
const require = createRequire(join(peers, 'x.js'));
const { analyzeCommits } = await import(require.resolve('@semantic-release/commit-analyzer'));
const { generateNotes } = await import(require.resolve('@semantic-release/release-notes-generator'));
const { parser: releasePlease } = require('@conventional-commits/parser');
const quiet = { log() {} };

const semanticBump = async (commits) => (await analyzeCommits({ preset: 'conventionalcommits' }, { cwd: peers, commits, logger: quiet })) ?? 'none';
const types = ['feat', 'feature', 'fix', 'bugfix', 'hotfix', 'perf', 'security', 'revert', 'docs', 'style', 'chore', 'refactor', 'test', 'build', 'ci'].map((type) => ({ type, section: type, hidden: false }));
const semanticTold = async (commits) => {
  const notes = await generateNotes({ preset: 'conventionalcommits', presetConfig: { types } }, { cwd: peers, commits: commits.map((one) => ({ ...one })),
    lastRelease: { gitTag: 'v1.0.0', version: '1.0.0' }, nextRelease: { gitTag: 'v2.0.0', version: '2.0.0' },
    options: { repositoryUrl: 'https://example.com/o/r.git' }, logger: quiet });
  const listed = new Set([...notes.matchAll(/\/commit\/([0-9a-f]{40})\)/g)].map((match) => match[1]));
  return commits.filter((one) => listed.has(one.hash)).map((one) => one.hash);
};
const rejectedByReleasePlease = (commits) => commits.filter((one) => { try { releasePlease(one.message); return false; } catch { return true; } }).map((one) => one.hash);
const cliffConfig = (text) => { const file = join(peers, 'cliff.toml'); writeFileSync(file, text); return file; };
const cliff = (cwd, config, ...words) => run(cwd, join(peers, 'node_modules/.bin/git-cliff'), ['-c', cliffConfig(config), ...words]);
const everything = '[git]\nconventional_commits = true\nfilter_unconventional = false\nfilter_commits = false\ncommit_parsers = [{ message = ".*", group = "all" }]\n';

const ours = (cwd, ...words) => {
  const plan = JSON.parse(train(cwd, 'plan', '--json', ...words).stdout).data;
  const section = (title) => plan.sections.filter((one) => one.title === title).flatMap((one) => one.passengers.map((passenger) => passenger.id));
  return { ...plan, ids: plan.sections.flatMap((one) => one.passengers.map((passenger) => passenger.id)), section };
};

// ---- A history made here.
const made = join(folder, 'made');
const { ids, git, commit, names, except } = makeTraps(folder, made);

const commits = commitsOf(made, 'v1.0.0..HEAD');
const plan = ours(made);
assert.equal(plan.commits.total, commits.length);
// Merges and what was taken back are counted and not told; a chore is routine here.
assert.deepEqual(names(plan.ids), except('chore', 'bad', 'revert', 'merge'));
assert.deepEqual(names(plan.section('Unclassified')), ['emoji', 'nestedScope', 'noSpace', 'words']);
// semantic-release does not tell of what it cannot read; it reads a scope with parentheses, which the grammar has not.
assert.deepEqual(names(await semanticTold(commits)), except('bad', 'revert', 'merge', 'emoji', 'noSpace', 'words'));
// git-cliff, as it comes, does not tell of these four either, and tells of what was reverted; its parser takes `fix:no space`.
const cliffTold = (config) => JSON.parse(cliff(made, config, '--context')).filter((release) => release.version === null).flatMap((release) => release.commits.map((one) => one.id));
assert.deepEqual(names(cliffTold('[git]\n')), except('nestedScope', 'words', 'emoji', 'revert', 'merge'));
assert.deepEqual(names(cliffTold(everything)), except());
// release-please's parser refuses a body with an odd parenthesis, where the grammar has none.
assert.deepEqual(names(rejectedByReleasePlease(commits)), ['emoji', 'fence', 'merge', 'nestedScope', 'revert', 'words']);
assert.equal(await semanticBump(commits), 'major');
assert.equal(plan.next_version, '2.0.0');
assert.equal(cliff(made, '[git]\n', '--bumped-version').trim(), 'v2.0.0');

// Each message alone after v1.0.0: the next version by each.
const differences = {};
for (const [name, message] of Object.entries(traps)) {
  git('checkout', '-q', '--detach', 'v1.0.0');
  commit(message);
  const next = { major: '2.0.0', minor: '1.1.0', patch: '1.0.1', none: '1.0.0' };
  const here = ours(made);
  const by = { ours: here.by_wording ? 'by wording' : here.next_version, semantic: next[await semanticBump(commitsOf(made, 'v1.0.0..HEAD'))],
    cliff: cliff(made, '[git]\n', '--bumped-version').trim().slice(1) };
  if (by.semantic !== by.ours || by.cliff !== by.ours) differences[name] = by;
}
assert.deepEqual(differences, {
  // Where nothing is conventional we go by the words, and say so; the others release nothing. semantic-release reads the scope.
  nestedScope: { ours: 'by wording', semantic: '1.1.0', cliff: '1.0.0' },
  words: { ours: 'by wording', semantic: '1.0.0', cliff: '1.0.0' },
  emoji: { ours: 'by wording', semantic: '1.0.0', cliff: '1.0.0' },
  noSpace: { ours: 'by wording', semantic: '1.0.0', cliff: '1.0.1' },
  // The specification asks for a colon behind BREAKING CHANGE; semantic-release does not.
  fence: { ours: '1.0.1', semantic: '2.0.0', cliff: '1.0.1' },
  // Types are not case-sensitive by the specification; semantic-release's are.
  upper: { ours: '1.0.1', semantic: '1.0.0', cliff: '1.0.1' },
  // git-cliff raises the patch for any commit.
  chore: { ours: '1.0.0', semantic: '1.0.0', cliff: '1.0.1' },
});

// ---- Histories of others.
// Semantic Versioning 2.0.0, section 11.
function lowerVersion(a, b) {
  const [left, right] = [a, b].map((tag) => { const [core, ...pre] = tag.replace(/^v/, '').split('-'); return { core: core.split('.').map(Number), pre: pre.join('-') }; });
  for (let i = 0; i < 3; i++) if (left.core[i] !== right.core[i]) return left.core[i] - right.core[i];
  if (!left.pre || !right.pre) return left.pre ? -1 : right.pre ? 1 : 0;
  const [l, r] = [left.pre.split('.'), right.pre.split('.')];
  for (let i = 0; i < Math.max(l.length, r.length); i++) {
    if (l[i] === undefined || r[i] === undefined) return l[i] === undefined ? -1 : 1;
    if (l[i] === r[i]) continue;
    const [m, n] = [/^\d+$/.test(l[i]), /^\d+$/.test(r[i])];
    if (m && n) return Number(l[i]) - Number(r[i]);
    if (m !== n) return m ? -1 : 1;
    return l[i] < r[i] ? -1 : 1;
  }
  return 0;
}
const corpus = join(process.env.SIGNALBOX_CORPUS ?? join(process.env.SIGNALBOX_SOURCE_DIR, '..', 'shared', 'corpus'), 'train');
if (!existsSync(corpus)) {
  console.log('the histories made here agree; left out: no histories of other projects');
  process.exit(0);
}
let told = 0;
let moved = 0;
for (const [name, pattern, tagPattern, ranges] of [['angular-cli', 'v*', '^v[0-9].*', 6], ['vite', 'v*', '^v[0-9].*', 6]]) {
  const cwd = join(folder, name);
  run(folder, 'git', ['init', '-q', '-b', 'main', cwd]);
  execFileSync('sh', ['-c', `xz -dc '${join(corpus, name)}.fast-import.xz' | git -C '${cwd}' fast-import --quiet`]);
  const stable = run(cwd, 'git', ['tag', '--list', pattern, '--sort=v:refname', '--merged', 'HEAD']).split('\n').filter((tag) => /^v\d+\.\d+\.\d+$/.test(tag));
  const whole = JSON.parse(train(cwd, 'notes', '--all', '--format', 'json').stdout).releases;
  const holder = new Map(whole.flatMap((release) => [...release.sections.flatMap((one) => one.passengers.map((passenger) => passenger.id)), ...release.excluded.map((one) => one.id)].map((id) => [id, release.tag])));
  for (const [from, to] of stable.slice(1).map((tag, i) => [stable[i], tag]).slice(-ranges)) {
    if (spawnSync('git', ['merge-base', '--is-ancestor', from, to], { cwd }).status !== 0) continue;
    const list = commitsOf(cwd, `${from}..${to}`);
    const here = ours(cwd, '--base', from, '--head', to);
    const theirs = JSON.parse(cliff(cwd, `${everything}tag_pattern = "${tagPattern}"\n`, '--context', `${from}..${to}`));
    const all = theirs.flatMap((release) => release.commits.map((one) => one.id)).sort();
    assert.deepEqual(all, list.map((one) => one.hash).sort(), `${name} ${from}..${to}: git-cliff with every filter off has what git has`);
    assert.deepEqual([...here.ids, ...here.excluded.map((one) => one.id)].sort(), all);
    told += all.length;
    // Where the releases differ, git's own ancestry judges, and never the date.
    for (const release of theirs) {
      for (const one of release.commits.filter((one) => holder.get(one.id) !== release.version).slice(0, 3)) {
        const holding = run(cwd, 'git', ['tag', '--contains', one.id]).split('\n').filter((tag) => /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(tag));
        assert.equal(holder.get(one.id), holding.sort(lowerVersion)[0], `${name} ${one.id}: the lowest version that holds it`);
        moved++;
      }
    }
    const listed = await semanticTold(list);
    const aboard = new Set(here.ids);
    const routine = new Set(here.excluded.filter((one) => one.rule === 'routine' || one.rule === 'release').map((one) => one.id));
    const surprising = listed.filter((id) => !aboard.has(id) && !routine.has(id));
    assert.deepEqual(surprising, [], `${name} ${from}..${to}: semantic-release tells of what we leave out`);
    const lacking = ['Features', 'Fixes', 'Performance'].flatMap(here.section).filter((id) => !listed.includes(id));
    assert.deepEqual(lacking, [], `${name} ${from}..${to}: semantic-release lacks what we tell of`);
  }
}
assert.ok(told > 1000, `only ${told} commits were compared`);
console.log(`the histories made here agree; ${told} commits of others are the same by git, git-cliff and us, ${moved} of a sample in another release by git-cliff, where git's ancestry is with us`);
