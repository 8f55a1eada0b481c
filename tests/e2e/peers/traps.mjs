// A history that readers of conventional commits trip over: one message after another, a commit with its revert, an old branch merged late.
import { execFileSync } from 'node:child_process';

export const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@a', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@a' };
export const run = (cwd, program, words, input = '') =>
  execFileSync(program, words, { cwd, env, input, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] });

export const traps = {
  plain: 'feat(api): plain\n', subjectParens: 'fix: nested (parens (deep)) in the subject\n', nestedScope: 'feat(a(b)): nested scope\n',
  openParen: 'fix: a body\n\nan (unclosed parenthesis\n', fence: 'fix: a fence\n\n```\nfoo(bar: {\nBREAKING CHANGE in words\n```\n',
  squash: 'feat: squash (#12)\n\n* feat!: one\n* fix: two\n', upper: 'Fix: upper case\n', indented: 'perf: indented\n\n    fix(x: y\n',
  noSpace: 'fix:no space\n', words: 'mend it\n', crlf: 'fix: crlf\r\n\r\nbody\r\n', emoji: '✨ feat: sparkle\n', breakingChore: 'chore!: drop it\n',
  breakingDocs: 'docs: say\n\nBREAKING CHANGE: it went\n', chore: 'chore: sweep\n', token: 'fix: a token\n\nthis: is\nno footer\n\nReviewed-by: Z\nRefs #1\n',
};

// In `cwd`, after the tag v1.0.0. Which commit is which is in `ids`.
export function makeTraps(folder, cwd) {
  run(folder, 'git', ['init', '-q', '-b', 'main', cwd]);
  const git = (...words) => run(cwd, 'git', words).trim();
  const commit = (message, ...words) => {
    run(cwd, 'git', ['commit', '-q', '--allow-empty', '--cleanup=verbatim', '-F', '-', ...words], message);
    return git('rev-parse', 'HEAD');
  };
  commit('feat: begin\n');
  git('tag', 'v1.0.0');
  const ids = {};
  for (const [name, message] of Object.entries(traps)) ids[name] = commit(message);
  ids.bad = commit('feat: bad idea\n');
  ids.revert = commit(`Revert "feat: bad idea"\n\nThis reverts commit ${ids.bad}.\n`);
  git('checkout', '-q', '-b', 'side', 'v1.0.0');
  ids.side = commit('feat: on the side\n', '--date=2001-01-01T00:00:00Z');
  git('checkout', '-q', 'main');
  git('merge', '-q', '--no-ff', 'side', '-m', "Merge branch 'side'");
  ids.merge = git('rev-parse', 'HEAD');
  return {
    ids, git, commit,
    names: (hashes) => Object.keys(ids).filter((name) => hashes.includes(ids[name])).sort(),
    except: (...left) => Object.keys(ids).filter((name) => !left.includes(name)).sort(),
  };
}

export const commitsOf = (cwd, range) => run(cwd, 'git', ['log', '-z', '--format=%H%n%cI%n%B', range]).split('\0').filter(Boolean).map((text) => {
  const [hash, committerDate, ...message] = text.split('\n');
  return { hash, committerDate, message: message.join('\n').trim() };
});
