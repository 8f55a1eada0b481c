#include "instruments/train/gating/involved_reader.hpp"

#include "core/base/text.hpp"
#include "core/git/git_process.hpp"

namespace signalbox::train {
namespace {

constexpr std::string_view kFormat =
    "--format=tformat:%an%n%ae%n%cn%n%ce%n%(trailers:key=Co-authored-by,valueonly,separator=%n)%x00";
constexpr std::size_t kNamesOfACommit = 4;

// "Ada <ada@example.org>" names two.
void add_person(std::string_view text, std::set<std::string>& out) {
  const std::size_t open = text.find('<');
  const std::size_t close = text.find('>', open == std::string_view::npos ? 0 : open);
  if (open != std::string_view::npos && close != std::string_view::npos) {
    out.insert(to_lower(trim(text.substr(open + 1, close - open - 1))));
    text = text.substr(0, open);
  }
  out.insert(to_lower(trim(text)));
}

}  // namespace

Result<std::vector<std::string>> commits_to_answer_for(const git::Repository& repository,
                                                       const std::string& candidate,
                                                       const std::vector<Release>& releases) {
  SIGNALBOX_TRY(const std::vector<std::string> names, repository.merged_tags(candidate));
  const std::set<std::string> merged(names.begin(), names.end());
  std::vector<std::string> range = {candidate};
  for (const Release& release : releases) {
    if (release.commit != candidate && merged.count(release.tag) > 0) range.push_back("^" + release.commit);
  }
  return repository.commit_ids(range);
}

Result<gates::Involved> read_involved(const git::Repository& repository,
                                      const std::vector<std::string>& commits) {
  gates::Involved out;
  if (commits.empty()) return out;
  SIGNALBOX_TRY(const ProcessResult said,
                git::run_git(repository.directory(),
                             {"log", "--no-walk=unsorted", "--no-mailmap", std::string(kFormat), "--stdin"},
                             join(commits, "\n") + "\n"));
  if (said.exit_code != 0) return fail(git::error_of_git("git log", said));
  for (std::string_view commit : split(said.output, '\0')) {
    if (commit.starts_with('\n')) commit.remove_prefix(1);  // ends the record before
    const std::vector<std::string_view> names = split(commit, '\n');
    if (names.size() < kNamesOfACommit) continue;
    for (const std::size_t i : {0U, 1U}) out.authors.insert(to_lower(trim(names[i])));
    for (const std::size_t i : {2U, 3U}) out.committers.insert(to_lower(trim(names[i])));
    for (std::size_t i = kNamesOfACommit; i < names.size(); ++i) add_person(names[i], out.authors);
  }
  out.authors.erase("");
  out.committers.erase("");
  return out;
}

}  // namespace signalbox::train
