#!/usr/bin/env node
// The histories of three large projects: no commit is lost by git's own count, the next version is what @semantic-release/commit-analyzer
// says, and every command answers with its exit code. Without the corpus, or without npm, that part is left out and says so.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';

const signalbox = process.env.SIGNALBOX;
const corpus = join(process.env.SIGNALBOX_CORPUS ?? join(process.env.SIGNALBOX_SOURCE_DIR, '..', 'shared', 'corpus'), 'train');
if (!existsSync(corpus)) {
  console.log(`skipped: no histories of other projects in ${corpus}`);
  process.exit(77);
}
const folder = mkdtempSync(join(tmpdir(), 'signalbox-corpus-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.env.XDG_DATA_HOME = join(folder, 'data');

const run = (cwd, program, ...words) => execFileSync(program, words, { cwd, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
const train = (cwd, ...words) => spawnSync(signalbox, ['train', ...words], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
const plan = (cwd, ...words) => JSON.parse(train(cwd, 'plan', '--json', ...words).stdout).data;

// The analyzer reads messages alone, so its answer owes nothing to ours. Pinned to what runs on Node 18.
async function loadAnalyzer() {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const packages = ['@semantic-release/commit-analyzer@11.1.0', 'conventional-changelog-conventionalcommits@7.0.2'];
  const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--silent', '--fetch-retries=0', '--fetch-timeout=30000', ...packages], { cwd: folder });
  if (installed.status !== 0) return null;
  const require = createRequire(join(folder, 'x.js'));
  const { analyzeCommits } = await import(require.resolve('@semantic-release/commit-analyzer'));
  return (commits) => analyzeCommits({ preset: 'conventionalcommits' }, { cwd: folder, commits, logger: { log() {} } });
}

const commitsOf = (cwd, ...range) =>
  run(cwd, 'git', 'log', '-z', '--format=%H%n%B', ...range).split('\0').filter(Boolean)
    .map((text) => ({ hash: text.slice(0, 40), message: text.slice(41).trim() }));

// Neighbouring stable releases, each an ancestor of the next, newest last.
function ranges(cwd, pattern, count) {
  const tags = run(cwd, 'git', 'tag', '--list', pattern, '--sort=v:refname', '--merged', 'HEAD').split('\n').filter((tag) => /\d+\.\d+\.\d+$/.test(tag));
  return tags.slice(1).map((tag, i) => [tags[i], tag]).slice(-count)
    .filter(([from, to]) => spawnSync('git', ['merge-base', '--is-ancestor', from, to], { cwd }).status === 0);
}

const analyze = await loadAnalyzer();
if (!analyze) console.log('left out: npm cannot be reached, so the next version is not compared with commit-analyzer');

let compared = 0;
for (const [name, pattern] of [['angular-cli', 'v*'], ['vite', 'v*'], ['conventional-changelog', 'conventional-changelog-core-v*']]) {
  const cwd = join(folder, name);
  run(folder, 'git', 'init', '-q', '-b', 'main', cwd);
  execFileSync('sh', ['-c', `xz -dc '${join(corpus, name)}.fast-import.xz' | git -C '${cwd}' fast-import --quiet`]);

  const found = plan(cwd);
  const tags = run(cwd, 'git', 'tag', '--list', 'v[0-9]*', '[0-9]*').split('\n').filter((tag) => /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(tag));
  const total = Number(run(cwd, 'git', 'rev-list', '--count', 'HEAD', ...tags.map((tag) => `^${tag}`)));
  const aboard = found.sections.flatMap((section) => section.passengers.map((passenger) => passenger.id));
  const all = [...aboard, ...found.excluded.map((commit) => commit.id)];
  assert.equal(found.commits.total, total, `${name}: git counts ${total}`);
  assert.equal(new Set(all).size, total, `${name}: each commit once`);
  assert.equal(aboard.length, found.commits.classified + found.commits.unclassified);

  const whole = train(cwd, 'notes', '--all', '--format', 'json');
  assert.equal(whole.status, 0, whole.stderr);
  const told = JSON.parse(whole.stdout).releases.flatMap((release) => [...release.sections.flatMap((section) => section.passengers.map((one) => one.id)), ...release.excluded.map((one) => one.id)]);
  const everything = run(cwd, 'git', 'rev-list', 'HEAD', ...tags).trim().split('\n');
  assert.equal(told.length, everything.length, `${name}: lost commits in the whole history`);
  assert.deepEqual(told.sort(), everything.sort());

  assert.equal(train(cwd, 'version').stdout.trim(), found.next_version);
  const check = train(cwd, 'check');
  assert.equal(check.status, 1, check.stderr);
  assert.match(check.stdout, /NO-GO/);
  assert.match(check.stdout.trim().split('\n').at(-1), /^next: signalbox /);
  assert.ok([0, 1].includes(train(cwd, 'lint').status));

  if (!analyze) continue;
  const differences = [];
  for (const [from, to] of ranges(cwd, pattern, 12)) {
    const ours = plan(cwd, '--base', from, '--head', to);
    if (ours.by_wording) continue;
    const theirs = (await analyze(commitsOf(cwd, `${from}..${to}`))) ?? 'none';
    compared++;
    if (ours.bump !== theirs) differences.push(`${from}..${to}: ${ours.bump}, commit-analyzer says ${theirs}`);
  }
  assert.deepEqual(differences, [], name);
}
if (analyze) assert.ok(compared >= 10, `only ${compared} ranges were compared`);
console.log(`no commit lost in three histories; ${compared} next versions are those of commit-analyzer`);
