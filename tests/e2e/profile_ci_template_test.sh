#!/bin/sh
# `signalbox profile ci-template`: what it prints is YAML with the jobs it should have. Its steps, taken out of it and run by `sh -e` as the
# service would, pass for a program that is as it was, and fail at the check, with the name of the function, for one that became slower;
# with the profiles that the base branch kept, with a base that is recorded beside, and with none.
set -eu
. "$SIGNALBOX_SOURCE_DIR/tests/e2e/profiling.sh"
PATH="$(dirname "$SIGNALBOX"):$folder/bin:$PATH"

# `scripts SERVICE`: what a job of it runs, one file a step, in $folder/SERVICE: variables.sh, N-push.sh or N-change.sh; the latter for changes alone.
scripts() {
  profile ci-template --format "$1" >"$1.yml"
  mkdir "$folder/$1"
  /usr/bin/python3 - "$1" "$1.yml" "$folder/$1" <<'END_OF_PYTHON'
import pathlib, shlex, sys, yaml
service, file, out = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
whole = yaml.safe_load(open(file))
variables = whole["env" if service == "github" else "variables"]
assert all(name.startswith("PROFILE_") and isinstance(value, str) for name, value in variables.items()), variables
(out / "variables.sh").write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()))
if service == "github":
    assert set(whole[True]) == {"push", "pull_request"}, whole  # YAML 1.1 reads `on` as true
    assert whole["permissions"] == {"contents": "read", "actions": "read"}
    steps = whole["jobs"]["profile"]["steps"]
    checkout, keep = steps[0], steps[-1]
    assert checkout["uses"].startswith("actions/checkout@") and checkout["with"]["fetch-depth"] == 0
    assert keep["uses"].startswith("actions/upload-artifact@") and keep["with"]["path"] == "signalbox-profiles/"
    assert "cancelled" in keep["if"], "kept only where the check passed"
    for number, step in enumerate(steps[1:-1]):
        assert "${{" not in step["run"], "text of the service's would be put into a script"
        assert step.get("if", "") in ("", "github.event_name == 'pull_request'"), step
        (out / f"{number}-{'change' if 'if' in step else 'push'}.sh").write_text(step["run"])
else:
    job = whole["profile"]
    assert job["variables"]["GIT_DEPTH"] == "0" and len(job["rules"]) == 2
    assert job["artifacts"]["when"] == "always" and job["artifacts"]["paths"] == ["signalbox-profiles/"]
    (out / "0-push.sh").write_text("\n".join(job["script"]) + "\n")  # one shell runs them all
END_OF_PYTHON
}
scripts github
scripts gitlab
expect 2 profile ci-template --format travis
says "github, gitlab"
rest_where_sampled "the steps of the templates"
for tool in cc make git curl unzip; do command -v $tool >/dev/null || { echo "left out: the steps of the templates, for want of $tool"; exit 0; }; done

# A repository with a benchmark of two functions; a branch where one of them does three times as much; one where nothing changed but words.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=init.defaultBranch GIT_CONFIG_VALUE_0=main
git init -q seed && cd seed
commit README "no benchmark yet" "first"
git branch empty
program() { # TURNS OF parse
  cat >work.c <<END_OF_C
volatile double sink;
#define BURN(name) __attribute__((noinline)) void name(long n) { for (long i = 0; i < n; ++i) sink += (double)i; }
BURN(parse)
BURN(print)
int main(void) { for (int i = 0; i < 15; ++i) { parse($1); print(2000000); } return 0; }
END_OF_C
}
program 1000000
printf 'bench: work.c\n\tcc -O1 -g -o bench work.c\n' >Makefile
# Two runs on a busy machine differ by more than the usual floor.
printf 'profile:\n  budgets:\n    floor: {relative: 60 %%}\n' >signalbox.yaml
commit README "a benchmark" "bench: two functions"
git checkout -q -b same && commit README "other words" "docs: words"
git checkout -q -b slow main && program 3000000 && commit README "slower" "feat: parse more"
cd ..
git clone -q --bare seed origin.git
base_of() { git -C origin.git rev-parse main; }

# What the services say to a job, and where they keep what it leaves.
export GITHUB_WORKFLOW=profile GITHUB_BASE_REF=main GH_TOKEN=x CI_PROJECT_ID=7 CI_JOB_TOKEN=secret CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main
mkdir "$folder/bin" "$folder/kept"
cat >"$folder/bin/gh" <<END_OF_GH
#!/bin/sh
case "\$*" in
  "run list --workflow profile --branch main --event push --status success "*) [ ! -d "$folder/kept/signalbox-profiles" ] || echo 42 ;;
  "run download 42 --name signalbox-profiles --dir signalbox-base") cp -r "$folder/kept/signalbox-profiles" signalbox-base ;;
  *) echo "gh: \$*" >&2; exit 1 ;;
esac
END_OF_GH
chmod +x "$folder/bin/gh"

# `job SERVICE push|change BRANCH`: runs its steps as the service does, with what they say in ../said; the code is that of the first that fails,
# whose number is in $failed.
job() {
  rm -rf checkout
  git clone -q -b "$3" origin.git checkout
  CI_PIPELINE_SOURCE=push
  [ "$2" = push ] || CI_PIPELINE_SOURCE=merge_request_event
  CI_MERGE_REQUEST_DIFF_BASE_SHA=${diff_base:-$(base_of)}
  GITHUB_STEP_SUMMARY=$folder/summary
  export CI_PIPELINE_SOURCE CI_MERGE_REQUEST_DIFF_BASE_SHA GITHUB_STEP_SUMMARY
  : >"$GITHUB_STEP_SUMMARY"
  : >said
  for step in "$folder/$1"/[0-9]-*.sh; do
    case $2$step in push*-change.sh) continue ;; esac
    failed=$(basename "$step")
    # shellcheck disable=SC1090
    (cd checkout && . "$folder/$1/variables.sh" && export PROFILE_RUNS=3 && sh -e "$step") >>said 2>&1 || return
  done
  failed=none
}
ends() { # CODE SERVICE EVENT BRANCH
  wanted=$1
  shift
  code=0
  job "$@" || code=$?
  out=$(cat said)
  [ "$code" = "$wanted" ] || fail "$*: code $code instead of $wanted: $out"
}
has_profiles() {
  for run in 1 2 3; do
    grep -q '<svg' "checkout/signalbox-profiles/run-$run.svg" || fail "no picture of run $run"
    [ -s "checkout/signalbox-profiles/run-$run.pb.gz" ] || fail "no profile of run $run"
  done
}

# The base branch: profiles, and nothing is compared.
ends 0 github push main
has_profiles
[ ! -s "$folder/summary" ] || fail "something was compared"
mv checkout/signalbox-profiles pushed
ends 1 github change slow # nobody kept any yet: the base is recorded beside
has_profiles
[ -s checkout/signalbox-base/run-3.pb.gz ] || fail "the base was not recorded: $out"
[ "$failed" = 3-change.sh ] || fail "failed at $failed: $out"
says "regressed: parse (bench): self cost +"
grep -q 'regressed: parse (bench)' "$folder/summary" || fail "$(cat "$folder/summary")"
! grep -q 'regressed: print' "$folder/summary" || fail "$(cat "$folder/summary")"

# Kept ones are taken.
mv pushed "$folder/kept/signalbox-profiles"
ends 0 github change same
cmp checkout/signalbox-base/run-1.pb.gz "$folder/kept/signalbox-profiles/run-1.pb.gz"
grep -q 'no regression' "$folder/summary" || fail "$(cat "$folder/summary")"
ends 1 github change slow
cmp checkout/signalbox-base/run-1.pb.gz "$folder/kept/signalbox-profiles/run-1.pb.gz"
says "regressed: parse (bench): self cost +"

# GitLab's: the same, from an archive over HTTP.
mkdir -p "$folder/api/projects/7/jobs/artifacts/main"
port_of() { sed -n 's/.* port \([0-9]*\).*/\1/p' server; }
has_port() { [ -n "$(port_of)" ]; }
/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory "$folder/api" 0 >server 2>server.err &
pids="$pids $!"
wait_for 60 has_port
CI_API_V4_URL=http://127.0.0.1:$(port_of)
export CI_API_V4_URL
ends 0 gitlab change same # none is kept
has_profiles
says "no regression"
[ -s checkout/signalbox-base/run-3.pb.gz ] || fail "the base was not recorded: $out"
(cd "$folder/kept" && /usr/bin/python3 -m zipfile -c "$folder/api/projects/7/jobs/artifacts/main/download" signalbox-profiles)
ends 1 gitlab change slow
cmp checkout/signalbox-base/run-1.pb.gz "$folder/kept/signalbox-profiles/run-1.pb.gz"
says "regressed: parse (bench): self cost +"


# The target branch went on, and became slower: what it kept is not what this change began with, which is recorded beside.
began=$(base_of)
[ "$(cat "$folder/kept/signalbox-profiles/commit")" = "$began" ] || fail "kept profiles are of $(cat "$folder/kept/signalbox-profiles/commit")"
git -C origin.git update-ref refs/heads/main slow
git -C origin.git rev-parse slow >"$folder/kept/signalbox-profiles/commit"
(cd "$folder/kept" && /usr/bin/python3 -m zipfile -c "$folder/api/projects/7/jobs/artifacts/main/download" signalbox-profiles)
diff_base=$began
ends 0 gitlab change same
says "its base is recorded anew"
[ "$(cat checkout/signalbox-base/commit)" = "$began" ] || fail "compared with $(cat checkout/signalbox-base/commit)"
says "no regression"
diff_base=

# A base that has no benchmark, and a benchmark that fails.
rm -rf "$folder/kept/signalbox-profiles" "$folder/api"
git -C origin.git update-ref refs/heads/main empty
ends 0 github change same
says "Nothing was compared"
grep -q 'Nothing was compared' "$folder/summary" || fail "$(cat "$folder/summary")"
printf '\nPROFILE_BENCHMARK="./bench; exit 7"\n' >>"$folder/github/variables.sh"
ends 7 github change same
[ "$failed" = 1-push.sh ] || fail "failed at $failed: $out"
