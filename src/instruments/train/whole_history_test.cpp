// Whole histories with and without what an earlier run kept; the oracle for counts is git.
#include "instruments/train/whole_history.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/git/scratch_repository.hpp"
#include "instruments/train/series_notes.hpp"

namespace signalbox::train {
namespace {

// A main line with side branches, some of which are released and never merged; a tag every 50 commits.
git::History long_history(int commits) {
  git::History history;
  int main = history.commit("chore: begin");
  for (int i = 2; i <= commits; ++i) {
    const bool side = i % 10 == 0;
    const int commit =
        history.commit((i % 3 == 0 ? "feat(a): number " : "fix: number ") + std::to_string(i), {main});
    if (i % 50 == 0) history.tag("v1." + std::to_string(i / 50) + ".0", commit);
    if (!side) main = commit;
  }
  history.branch("main", main);
  return history;
}

struct Answer {
  std::string notes;
  std::uint64_t total = 0;
  bool operator==(const Answer&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  return out << answer.total << " commits, notes of " << answer.notes.size() << " octets, digest "
             << to_hex(sha256(answer.notes));
}

Answer answer_of(const git::ScratchRepository& scratch, const std::filesystem::path& cache) {
  const git::Repository repository = scratch.open();
  const Series series =
      read_series(repository, std::nullopt, repository.resolve("HEAD").value(), HistoryQuery::Shallow::allow)
          .value();
  WholeHistoryQuery query;
  query.tips = {repository.resolve("HEAD").value()};
  for (const Release& release : series.releases) query.tips.push_back(release.commit);
  query.cache = cache;
  auto history = WholeHistory::read(repository, query, open_history_cache(repository, cache));
  EXPECT_TRUE(history) << history.error().message;
  Answer out;
  const Settings settings;
  const SeriesNotes notes(*history, series.releases, settings);
  for (std::size_t i = 0; i < notes.size(); ++i) append_notes(notes.at(i), NotesForm::plain, out.notes);
  out.total = history->total().value();
  EXPECT_EQ(out.total, repository.count(query.tips).value());
  return out;
}

TEST(WholeHistory, WhatIsKeptChangesNothingButTheTime) {
  const git::ScratchRepository scratch(long_history(700), git::ScratchRepository::Kind::bare);
  const TemporaryDirectory folder;
  const std::filesystem::path cache = folder.path() / "deep" / "history.cache";
  const Answer fresh = answer_of(scratch, {});
  EXPECT_EQ(answer_of(scratch, cache), fresh);
  const std::string octets = read_file(cache).value();
  EXPECT_EQ(answer_of(scratch, cache), fresh);
  EXPECT_EQ(read_file(cache).value(), octets) << "nothing was learnt, so nothing is written";

  // Damaged, cut, empty, another's, a folder, a file that nobody may replace.
  for (const std::size_t at : {std::size_t{0}, octets.size() / 3, octets.size() / 2, octets.size() - 1}) {
    std::string changed = octets;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    std::ofstream(cache, std::ios::binary) << changed;
    EXPECT_EQ(answer_of(scratch, cache), fresh) << at;
    EXPECT_TRUE(git::CommitTable::open(cache, git::IdFormat::sha1, kParsedCommitVersion)) << "it is replaced";
    std::ofstream(cache, std::ios::binary) << octets.substr(0, at);
    EXPECT_EQ(answer_of(scratch, cache), fresh) << at;
  }
  const git::ScratchRepository other(long_history(600), git::ScratchRepository::Kind::bare);
  std::ofstream(cache, std::ios::binary) << octets;
  EXPECT_EQ(answer_of(other, cache), answer_of(other, {}));
  EXPECT_EQ(answer_of(scratch, folder.path()), fresh);
  EXPECT_EQ(answer_of(scratch, "/dev/null/history.cache"), fresh);
}

TEST(WholeHistory, AnEarlierCountIsGoneOnFromAndNeverTrustedTooFar) {
  const git::ScratchRepository scratch(long_history(700), git::ScratchRepository::Kind::bare);
  const TemporaryDirectory folder;
  const std::filesystem::path cache = folder.path() / "history.cache";
  const auto check = [&](const char* what) {
    EXPECT_EQ(answer_of(scratch, cache), answer_of(scratch, {})) << what;
  };
  const auto commit = [&](const std::string& parent) {
    return scratch.git({"commit-tree", "HEAD^{tree}", "-p", parent, "-m", "feat: later"});
  };
  check("first");
  const std::string old_head = scratch.git({"rev-parse", "HEAD"});
  for (int i = 0; i < 10; ++i) scratch.git({"update-ref", "HEAD", commit("HEAD")});
  check("ten more commits");
  scratch.git({"tag", "v9.0.0", commit("v1.10.0")});
  check("a release of a branch that nobody knew");
  scratch.git({"tag", "-d", "v1.10.0", "v1.13.0"});
  check("releases that are gone");
  scratch.git({"update-ref", "HEAD", old_head + "~300"});
  check("HEAD on an earlier commit");
  scratch.git({"tag", "v9.1.0", old_head});
  check("what was HEAD is a release");
}

TEST(WholeHistory, OfAShallowCloneWhatIsThere) {
  const git::ScratchRepository origin(long_history(30), git::ScratchRepository::Kind::bare);
  const TemporaryDirectory folder;
  const std::string clone = folder.path() / "clone";
  origin.git({"clone", "-q", "--depth=5", "file://" + origin.path().string(), clone});
  const git::Repository repository = git::Repository::open(clone).value();
  WholeHistoryQuery query;
  query.tips = {repository.resolve("HEAD").value()};
  auto history = WholeHistory::read(repository, query, open_history_cache(repository, {}));
  ASSERT_TRUE(history);
  EXPECT_EQ(history->order().size(), 5u);
  EXPECT_EQ(history->total().value(), 5u);
}

TEST(WholeHistory, AMissingCommitIsUnavailable) {
  const git::ScratchRepository scratch(long_history(20));
  const std::string id = scratch.id(5);
  const std::filesystem::path object = scratch.path() / ".git/objects" / id.substr(0, 2) / id.substr(2);
  ASSERT_TRUE(std::filesystem::remove(object)) << "small histories are imported as loose objects";
  const git::Repository repository = scratch.open();
  WholeHistoryQuery query;
  query.tips = {repository.resolve("HEAD").value()};
  const auto history = WholeHistory::read(repository, query, open_history_cache(repository, {}));
  ASSERT_FALSE(history);
  EXPECT_EQ(history.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace signalbox::train
