#include "core/git/changes.hpp"

#include <charconv>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/git/git_process.hpp"

namespace signalbox::git {
namespace {

constexpr std::size_t kMaxEntryBytes = std::size_t{1} << 20;
// git answers while it is asked: what is asked at once has to fit into a pipe.
constexpr std::size_t kAskedAtOnce = 900;

std::uint64_t number_of(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Reads `diff-tree --stdin -z --numstat`: an id, then "added TAB deleted TAB path", each ended by NUL.
class StatReader {
 public:
  explicit StatReader(std::map<std::string, std::vector<FileStat>>& out) : out_(out) {}

  Status take(std::string_view piece) {
    pending_ += piece;
    std::size_t start = 0;
    for (std::size_t end = 0; (end = pending_.find('\0', start)) != std::string::npos; start = end + 1)
      SIGNALBOX_CHECK(entry(std::string_view(pending_).substr(start, end - start)));
    pending_.erase(0, start);
    if (pending_.size() > kMaxEntryBytes)
      return fail(ErrorKind::bad_input, "git diff-tree: a path of more than 1 MiB");
    return {};
  }

  bool is_complete() const { return pending_.empty(); }
  std::size_t commits() const { return commits_; }

 private:
  Status entry(std::string_view text) {
    const std::size_t first = text.find('\t');
    if (first == std::string_view::npos) {
      const auto found = out_.find(std::string(text));
      if (found == out_.end()) return fail(ErrorKind::internal, "git diff-tree: a commit nobody asked for");
      files_ = &found->second;
      ++commits_;
      return {};
    }
    const std::size_t second = text.find('\t', first + 1);
    if (second == std::string_view::npos || files_ == nullptr)
      return fail(ErrorKind::internal, "git diff-tree: output that is none of a numstat");
    FileStat stat;
    stat.binary = text.starts_with('-');
    stat.added = number_of(text.substr(0, first));
    stat.deleted = number_of(text.substr(first + 1, second - first - 1));
    stat.path = std::string(text.substr(second + 1));
    files_->push_back(std::move(stat));
    return {};
  }

  std::map<std::string, std::vector<FileStat>>& out_;
  std::vector<FileStat>* files_ = nullptr;
  std::size_t commits_ = 0;
  std::string pending_;
};

Status ask(const Repository& repository, const std::vector<std::string>& commits,
           std::map<std::string, std::vector<FileStat>>& out) {
  StatReader reader(out);
  SIGNALBOX_CHECK(stream_git(repository.directory(),
                             {"diff-tree", "--stdin", "-r", "--root", "-z", "--numstat", "--no-renames",
                              "--no-ext-diff", "--no-textconv", "--always", "--diff-merges=first-parent"},
                             join(commits, "\n") + "\n",
                             [&](std::string_view piece) { return reader.take(piece); }));
  if (!reader.is_complete())
    return fail(ErrorKind::internal, "git diff-tree: its output ended inside a path");
  if (reader.commits() != commits.size()) {
    return fail(ErrorKind::unavailable,
                fmt::format("{} of {} commits are not in the repository", commits.size() - reader.commits(),
                            commits.size()),
                "git fsck tells what the repository lacks; a full clone has it all");
  }
  return {};
}

}  // namespace

Result<std::map<std::string, std::vector<FileStat>>> change_stats(const Repository& repository,
                                                                  const std::vector<std::string>& commits) {
  std::map<std::string, std::vector<FileStat>> out;
  std::vector<std::string> asked;
  for (const std::string& id : commits) {
    if (!out.try_emplace(id).second) continue;
    asked.push_back(id);
    if (asked.size() < kAskedAtOnce) continue;
    SIGNALBOX_CHECK(ask(repository, asked, out));
    asked.clear();
  }
  if (!asked.empty()) SIGNALBOX_CHECK(ask(repository, asked, out));
  return out;
}

}  // namespace signalbox::git
