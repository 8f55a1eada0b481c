// Histories read here beside `git log` of the same commits.
#include "core/git/history_walk.hpp"

#include <random>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/git/repository.hpp"
#include "core/git/scratch_repository.hpp"

namespace signalbox::git {
namespace {

constexpr std::uint32_t kTextVersion = 1;

void keep_message(const CommitObject& commit, std::string& out) {
  out += commit.message;
}

// Branches and merges with two to four parents, several roots, dates in any order.
History branchy(unsigned seed, int commits, int tags) {
  std::mt19937 random(seed);
  const auto below = [&](int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); };
  History history;
  for (int number = 1; number <= commits; ++number) {
    std::vector<int> parents;
    const int wanted = below(10) == 0 ? 2 + below(3) : 1;
    for (int i = 0; i < wanted && number > 1 && (number % 97 != 0); ++i) {
      const int parent = number - 1 - below(std::min(number - 1, 8));
      if (std::find(parents.begin(), parents.end(), parent) == parents.end()) parents.push_back(parent);
    }
    history.commit(
        {"number " + std::to_string(number), parents, 1'600'000'000 + below(20) * 1000, "A <a@a>", {}});
  }
  for (int tag = 0; tag < tags; ++tag) history.tag("t" + std::to_string(tag), 1 + below(commits));
  history.branch("main", commits);
  return history;
}

std::vector<ObjectId> tips_of(const Repository& repository) {
  std::vector<ObjectId> tips = {parse_object_id(repository.resolve("HEAD").value()).value()};
  const std::vector<Tag> tags = repository.tags().value();
  for (const Tag& tag : tags) tips.push_back(parse_object_id(tag.commit).value());
  return tips;
}

std::vector<std::uint32_t> numbers_of(const CommitTable& table, const std::vector<ObjectId>& ids) {
  std::vector<std::uint32_t> out;
  for (const ObjectId& id : ids) out.push_back(table.find(id).value());
  return out;
}

// One line a commit: id, parents, message.
std::string told(const CommitTable& table, const std::vector<std::uint32_t>& order) {
  std::string out;
  for (const std::uint32_t commit : order) {
    out += to_hex(table.id(commit), table.format()) + ":";
    for (const std::uint32_t parent : table.parents(commit))
      out += " " + to_hex(table.id(parent), table.format());
    out += ": " + std::string(table.text(commit)) + "\n";
  }
  return out;
}

std::string told_by_git(const ScratchRepository& scratch, const std::vector<ObjectId>& tips,
                        IdFormat format) {
  std::string input;
  for (const ObjectId& tip : tips) input += to_hex(tip, format) + "\n";
  std::string out;
  const std::string said = scratch.git({"log", "--topo-order", "--format=%H:%P: %s", "--stdin"}, input);
  for (const std::string_view line : lines(said)) {
    const std::size_t parents = line.find(':');
    out += line.substr(0, parents + 1);
    out += line[parents + 1] == ':' ? "" : " ";
    out += std::string(line.substr(parents + 1)) + "\n";
  }
  return out;
}

TEST(HistoryWalk, EveryCommitOnceInTheOrderOfGit) {
  for (unsigned seed = 0; seed < 6; ++seed) {
    const ScratchRepository scratch(branchy(seed, 400, 60), ScratchRepository::Kind::bare);
    if (seed % 2 == 0) scratch.git({"repack", "-adq"});
    const Repository repository = scratch.open();
    const ObjectStore store = repository.objects();
    const std::vector<ObjectId> tips = tips_of(repository);
    CommitTable table(store.format(), kTextVersion);
    const Status read = read_history(store, tips, keep_message, table);
    ASSERT_TRUE(read) << read.error().message;
    const auto order = topological_order(table, numbers_of(table, tips));
    EXPECT_EQ(order.size(), table.size());
    EXPECT_EQ(told(table, order), told_by_git(scratch, tips, store.format())) << seed;
  }
}

TEST(HistoryWalk, WhatIsKnownIsNotReadAgain) {
  const ScratchRepository scratch(branchy(1, 300, 20), ScratchRepository::Kind::bare);
  const Repository repository = scratch.open();
  const ObjectStore store = repository.objects();
  const std::vector<ObjectId> tips = tips_of(repository);
  CommitTable table(store.format(), kTextVersion);
  const ObjectId early = parse_object_id(scratch.id(150)).value();
  ASSERT_TRUE(read_history(store, {early}, keep_message, table));
  const std::uint32_t known = table.size();
  ASSERT_GT(known, 50u);
  std::size_t read = 0;
  std::mutex mutex;
  const auto count = [&](const CommitObject& commit, std::string& out) {
    keep_message(commit, out);
    const std::lock_guard lock(mutex);
    ++read;
  };
  ASSERT_TRUE(read_history(store, tips, count, table));
  EXPECT_EQ(read, table.size() - known);
  EXPECT_EQ(told(table, topological_order(table, numbers_of(table, tips))),
            told_by_git(scratch, tips, store.format()));
}

// What git says before there are grafts is what is read when there are.
TEST(HistoryWalk, GraftsChangeNothing) {
  const ScratchRepository scratch(branchy(3, 60, 10));
  const Repository repository = scratch.open();
  const ObjectStore store = repository.objects();
  const std::vector<ObjectId> tips = tips_of(repository);
  const std::string before = told_by_git(scratch, tips, store.format());
  std::string grafts;
  for (int number = 10; number <= 60; number += 10)
    grafts += scratch.id(number) + " " + scratch.id(number - 9) + "\n";
  ASSERT_TRUE(replace_file(scratch.path() / ".git" / "info" / "grafts", grafts));
  ASSERT_NE(told_by_git(scratch, tips, store.format()), before) << "git itself follows the grafts";
  CommitTable table(store.format(), kTextVersion);
  ASSERT_TRUE(read_history(scratch.open().objects(), tips, keep_message, table));
  EXPECT_EQ(told(table, topological_order(table, numbers_of(table, tips))), before);
}

TEST(HistoryWalk, AMissingParentIsAnError) {
  const ScratchRepository scratch(branchy(2, 20, 0), ScratchRepository::Kind::bare);
  const std::string tree = scratch.git({"rev-parse", "HEAD^{tree}"});
  const std::string commit = scratch.git({"hash-object", "-t", "commit", "-w", "--literally", "--stdin"},
                                         "tree " + tree + "\nparent " + std::string(40, '3') +
                                             "\nauthor A <a@a> 1 +0000\ncommitter A <a@a> 1 +0000\n\nx");
  const ObjectStore store = scratch.open().objects();
  CommitTable table(store.format(), kTextVersion);
  const Status read = read_history(store, {parse_object_id(commit).value()}, keep_message, table);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(read_history(store, {parse_object_id(tree).value()}, keep_message, table).error().kind,
            ErrorKind::bad_input);
}

CommitTable example() {
  const ScratchRepository scratch(branchy(3, 60, 5), ScratchRepository::Kind::bare);
  const Repository repository = scratch.open();
  const ObjectStore store = repository.objects();
  CommitTable table(store.format(), kTextVersion);
  EXPECT_TRUE(read_history(store, tips_of(repository), keep_message, table));
  table.remember({{2, 4}, 17});
  return table;
}

std::string whole(const CommitTable& table) {
  std::vector<std::uint32_t> all(table.size());
  for (std::uint32_t i = 0; i < table.size(); ++i) all[i] = i;
  return told(table, all);
}

TEST(CommitTable, AFileHoldsTheSame) {
  const CommitTable table = example();
  const std::string octets = table.write();
  const auto read = CommitTable::read(octets, IdFormat::sha1, kTextVersion);
  ASSERT_TRUE(read);
  EXPECT_EQ(whole(*read), whole(table));
  ASSERT_EQ(read->counts().size(), 1u);
  EXPECT_EQ(read->counts()[0].tips, (std::vector<std::uint32_t>{2, 4}));
  EXPECT_EQ(read->counts()[0].commits, 17u);
  EXPECT_TRUE(CommitTable::read(CommitTable(IdFormat::sha1, 1).write(), IdFormat::sha1, 1));
}

TEST(CommitTable, WhatWasReadFromAFileGrowsOn) {
  const ScratchRepository scratch(branchy(4, 120, 10), ScratchRepository::Kind::bare);
  const Repository repository = scratch.open();
  const ObjectStore store = repository.objects();
  CommitTable half(store.format(), kTextVersion);
  ASSERT_TRUE(read_history(store, {parse_object_id(scratch.id(60)).value()}, keep_message, half));
  const TemporaryDirectory folder;
  ASSERT_TRUE(replace_file(folder.path() / "table", half.write()));
  auto table = CommitTable::open(folder.path() / "table", store.format(), kTextVersion);
  ASSERT_TRUE(table);
  const std::vector<ObjectId> tips = tips_of(repository);
  ASSERT_TRUE(read_history(store, tips, keep_message, *table));
  const std::string octets = table->write();
  const auto again = CommitTable::read(octets, store.format(), kTextVersion);
  ASSERT_TRUE(again);
  EXPECT_EQ(told(*again, topological_order(*again, numbers_of(*again, tips))),
            told_by_git(scratch, tips, store.format()));
}

TEST(CommitTable, HeadsAreTheTipsThatNoOtherReaches) {
  const ScratchRepository scratch(branchy(5, 200, 30), ScratchRepository::Kind::bare);
  const Repository repository = scratch.open();
  const ObjectStore store = repository.objects();
  const std::vector<ObjectId> tips = tips_of(repository);
  CommitTable table(store.format(), kTextVersion);
  ASSERT_TRUE(read_history(store, tips, keep_message, table));
  std::vector<std::string> arguments = {"merge-base", "--independent"};
  for (const ObjectId& tip : tips) arguments.push_back(to_hex(tip, store.format()));
  const std::string said = scratch.git(arguments);
  std::vector<std::uint32_t> expected;
  for (const std::string_view line : lines(said))
    expected.push_back(table.find(parse_object_id(line).value()).value());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(heads_of(table, numbers_of(table, tips)), expected);
}

TEST(CommitTable, AFileOfOtherTextsOrOtherIdsIsNotRead) {
  const std::string octets = example().write();
  EXPECT_FALSE(CommitTable::read(octets, IdFormat::sha1, kTextVersion + 1));
  EXPECT_FALSE(CommitTable::read(octets, IdFormat::sha256, kTextVersion));
}

TEST(CommitTable, AnyChangedOctetAndAnyCutIsNoticed) {
  std::string octets = example().write();
  for (std::size_t at = 0; at < octets.size(); ++at) {
    octets[at] = static_cast<char>(octets[at] ^ (1 << (at % 8)));
    EXPECT_FALSE(CommitTable::read(octets, IdFormat::sha1, kTextVersion)) << at;
    octets[at] = static_cast<char>(octets[at] ^ (1 << (at % 8)));
    EXPECT_FALSE(CommitTable::read(std::string_view(octets).substr(0, at), IdFormat::sha1, kTextVersion))
        << at;
  }
  EXPECT_TRUE(CommitTable::read(octets, IdFormat::sha1, kTextVersion));
}

}  // namespace
}  // namespace signalbox::git
