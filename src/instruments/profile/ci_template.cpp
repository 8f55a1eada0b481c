#include "instruments/profile/ci_template.hpp"

#include <string_view>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

// The variables of both.
constexpr std::string_view kVariables =
    R"(PROFILE_SETUP: "true"         # brings what the build needs, and signalbox, onto the machine
PROFILE_BUILD: "make"         # builds the benchmark
PROFILE_BENCHMARK: "./bench"  # runs it once; every run does the same work
# The rest may stay.
PROFILE_WORK: "1"             # units of work of one run, for costs of each; "": shares alone are compared
PROFILE_RUNS: "5"             # three at least: noise between runs is learnt from them
PROFILE_RATE: "999"           # samples for each second of processor time
PROFILE_BASE: "kept"          # kept: what the base branch recorded last; here: recorded anew beside the change
)";

constexpr std::string_view kAllow =
    R"(command -v signalbox || { echo "PROFILE_SETUP brought no signalbox" >&2; exit 1; }
signalbox profile doctor || { sudo -n sysctl -q -w kernel.perf_event_paranoid=1 && signalbox profile doctor; }
)";

// Without -e, too: where a caller asks how it ended, a shell leaves -e out.
constexpr std::string_view kRecord =
    R"(record() { # FOLDER: builds what is here, and keeps a profile of each run there
  mkdir -p "$1" && git rev-parse HEAD >"$1/commit" && sh -e -c "$PROFILE_BUILD" || return
  for run in $(seq "$PROFILE_RUNS"); do
    signalbox profile record --propagate-exit --rate "$PROFILE_RATE" ${PROFILE_WORK:+--work "$PROFILE_WORK"} \
      --format pprof,flamegraph -o "$1/run-$run" -- sh -c "$PROFILE_BENCHMARK" || return
  done
}
)";

constexpr std::string_view kRecordNew = "record signalbox-profiles\n";

constexpr std::string_view kFetchGithub =
    R"(if [ "$PROFILE_BASE" = kept ]; then
  last=$(gh run list --workflow "$GITHUB_WORKFLOW" --branch "$GITHUB_BASE_REF" --event push --status success \
    --limit 1 --json databaseId --jq '.[].databaseId') || last=
  [ -z "$last" ] || gh run download "$last" --name signalbox-profiles --dir signalbox-base || rm -rf signalbox-base
fi
)";

constexpr std::string_view kFetchGitlab =
    R"sh([ "$CI_PIPELINE_SOURCE" = merge_request_event ] || exit 0
if [ "$PROFILE_BASE" = kept ]; then
  branch=$(printf %s "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME" | sed 's,/,%2F,g')
  kept="$CI_API_V4_URL/projects/$CI_PROJECT_ID/jobs/artifacts/$branch/download?job=profile"
  if curl -fsSL -H "JOB-TOKEN: $CI_JOB_TOKEN" -o signalbox-base.zip "$kept"; then
    unzip -q -j signalbox-base.zip 'signalbox-profiles/*.pb.gz' signalbox-profiles/commit -d signalbox-base || rm -rf signalbox-base
  fi
  # They are of the target branch as it is now. What landed there since this change began is not this change's doing.
  if [ -d signalbox-base ] && ! git merge-base --is-ancestor "$(cat signalbox-base/commit)" HEAD; then
    echo "kept profiles are of $(cat signalbox-base/commit), which this change does not stand on: its base is recorded anew"
    rm -rf signalbox-base
  fi
fi
)sh";

// After a fetch that found nothing, or none.
constexpr std::string_view kRecordBase =
    R"(if ! ls signalbox-base/*.pb.gz >/dev/null 2>&1; then
  here=$PWD
  tree=$(mktemp -d)
  git worktree add --detach "$tree" "$base"
  (cd "$tree" && record "$here/signalbox-base") || rm -rf signalbox-base
fi
)";

constexpr std::string_view kCheck =
    R"(report=signalbox-profiles/report.md
code=0
if ls signalbox-base/*.pb.gz >/dev/null 2>&1; then
  signalbox profile check --format md -o "$report" signalbox-base/*.pb.gz -- signalbox-profiles/*.pb.gz || code=$?
else
  echo "Nothing was compared: the base branch has no profiles, and could not be built and recorded here." >"$report"
fi
)";

constexpr std::string_view kSayGithub = R"([ ! -f "$report" ] || tee -a "$GITHUB_STEP_SUMMARY" <"$report"
exit "$code"
)";

constexpr std::string_view kSayGitlab = R"([ ! -f "$report" ] || cat "$report"
exit "$code"
)";

std::string indented(std::string_view text, int spaces) {
  std::string out;
  for (const std::string_view line : lines(text))
    out += line.empty() ? "\n" : fmt::format("{:{}}{}\n", "", spaces, line);
  return out;
}

std::string github() {
  constexpr int kOfVariables = 2;
  constexpr int kOfScripts = 10;
  std::string out =
      R"(# Profiles a benchmark, and fails where a function became slower than on the base branch: by `signalbox profile ci-template`.
# It is .github/workflows/profile.yml. What it cannot know stands below `env`.
name: profile

on:
  push:
  pull_request:

permissions:
  contents: read
  actions: read

env:
)";
  out += indented(kVariables, kOfVariables);
  out += R"(
jobs:
  profile:
    runs-on: ubuntu-latest
    # Of pushes, those to the default branch: later changes are compared with them.
    if: github.event_name == 'pull_request' || github.ref_name == github.event.repository.default_branch
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - name: Set up
        run: |
          eval "$PROFILE_SETUP"
)";
  out += indented(kAllow, kOfScripts);
  out += "      - name: Record\n        run: |\n";
  out += indented(kRecord, kOfScripts) + indented(kRecordNew, kOfScripts);
  out += R"(      - name: Get the base
        if: github.event_name == 'pull_request'
        env:
          GH_TOKEN: ${{ github.token }}
        run: |
)";
  out += indented(kRecord, kOfScripts) + indented(kFetchGithub, kOfScripts);
  out += indented("base=origin/$GITHUB_BASE_REF", kOfScripts) + indented(kRecordBase, kOfScripts);
  out += R"(      - name: Check
        if: github.event_name == 'pull_request'
        run: |
)";
  out += indented(kCheck, kOfScripts) + indented(kSayGithub, kOfScripts);
  out += R"(      - name: Keep the profiles
        if: ${{ !cancelled() }}
        uses: actions/upload-artifact@v4
        with:
          name: signalbox-profiles
          path: signalbox-profiles/
          overwrite: true
)";
  return out;
}

std::string gitlab() {
  constexpr int kOfVariables = 2;
  constexpr int kOfScripts = 6;
  std::string out =
      R"(# Profiles a benchmark, and fails where a function became slower than on the target branch: by `signalbox profile ci-template`.
# It is .gitlab-ci.yml, or included by it. What it cannot know stands below `variables`.
variables:
)";
  out += indented(kVariables, kOfVariables);
  out += R"(
profile:
  variables:
    GIT_DEPTH: "0"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    # Later changes are compared with these.
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - eval "$PROFILE_SETUP"
    - |
)";
  out += indented(kAllow, kOfScripts);
  out += "    - |\n" + indented(kRecord, kOfScripts) + indented(kRecordNew, kOfScripts);
  out += "    - |\n" + indented(kFetchGitlab, kOfScripts);
  out += indented("base=$CI_MERGE_REQUEST_DIFF_BASE_SHA", kOfScripts) + indented(kRecordBase, kOfScripts);
  out += "    - |\n" + indented(kCheck, kOfScripts) + indented(kSayGitlab, kOfScripts);
  out += R"(  artifacts:
    when: always
    expose_as: signalbox profile
    paths:
      - signalbox-profiles/
    expire_in: 90 days
)";
  return out;
}

}  // namespace

std::string ci_template(CiService service) {
  return service == CiService::github ? github() : gitlab();
}

}  // namespace signalbox::profile
