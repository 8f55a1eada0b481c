// Objects read here beside what `git cat-file` says of the same ids.
#include "core/git/object_store.hpp"

#include <map>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/git/repository.hpp"
#include "core/git/scratch_repository.hpp"

namespace signalbox::git {
namespace {

namespace fs = std::filesystem;

// Files that grow from commit to commit, so that packing makes deltas of blobs and of trees.
History growing_files(int commits) {
  History history;
  std::string text;
  int last = 0;
  for (int i = 0; i < commits; ++i) {
    text += "line " + std::to_string(i * 7919) + " of a file that grows\n";
    last =
        history.commit({"feat: number " + std::to_string(i) + std::string(static_cast<std::size_t>(i), '.'),
                        last == 0 ? std::vector<int>() : std::vector<int>{last},
                        1'700'000'000 + i,
                        "A <a@a>",
                        {{"src/a" + std::to_string(i % 5), text}, {"src/deep/b", text + text}, {"c", text}}});
  }
  return history;
}

// Every object of the repository around `folder`, as git says.
std::vector<std::pair<std::string, std::string>> objects_of(const ScratchRepository& scratch) {
  std::vector<std::pair<std::string, std::string>> out;
  const std::string list =
      scratch.git({"cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"});
  for (const std::string_view line : lines(list))
    out.emplace_back(line.substr(0, line.find(' ')), line.substr(line.find(' ') + 1));
  return out;
}

void expect_all_as_git_has_them(const ScratchRepository& scratch) {
  const Repository repository = scratch.open();
  const ObjectStore store = repository.objects();
  ObjectReader reader(store);
  const auto all = objects_of(scratch);
  ASSERT_GT(all.size(), 30u);
  std::string questions;
  for (const auto& [hex, type] : all) questions += hex + "\n";
  const std::string said = scratch.git({"cat-file", "--batch"}, questions) + "\n";
  std::string ours;
  Object object;
  for (const auto& [hex, type] : all) {
    const ObjectId id = parse_object_id(hex).value();
    const Status read = reader.read(id, object);
    ASSERT_TRUE(read) << hex << ": " << read.error().message;
    EXPECT_EQ(object.type, parse_object_type(type)) << hex;
    EXPECT_EQ(reader.type(id).value(), object.type) << hex;
    EXPECT_EQ(to_hex(id, store.format()), hex);
    ours += hex + " " + type + " " + std::to_string(object.octets.size()) + "\n" + object.octets + "\n";
  }
  EXPECT_TRUE(ours == said);
}

TEST(ObjectStore, PacksAreReadAsGitReadsThem) {
  const ScratchRepository scratch(growing_files(40));
  scratch.git({"repack", "-adfq", "--depth=30", "--window=30"});
  EXPECT_NE(
      scratch
          .git({"verify-pack", "-s",
                scratch.git({"rev-parse", "--git-path", "objects/pack"}) + "/" +
                    fs::directory_iterator(scratch.path() / ".git/objects/pack")->path().stem().string() +
                    ".idx"})
          .find("chain length = 9"),
      std::string::npos)
      << "packing made no long chains of deltas";
  expect_all_as_git_has_them(scratch);
}

TEST(ObjectStore, DeltasThatNameTheirBaseById) {
  const ScratchRepository scratch(growing_files(20));
  scratch.git({"-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=30", "--window=30"});
  expect_all_as_git_has_them(scratch);
}

TEST(ObjectStore, LooseObjectsAndThoseOfAlternates) {
  const ScratchRepository origin(growing_files(20));
  const ScratchRepository scratch{History()};
  ASSERT_TRUE(write_file_atomically(scratch.path() / ".git/objects/info/alternates",
                                    "# shared\n" + (origin.path() / ".git/objects").string() + "\n"));
  scratch.git({"reset", "-q", "--hard", origin.id(20)});
  scratch.git({"commit", "-q", "--allow-empty", "-m", std::string(100'000, 'y')});
  ASSERT_TRUE(write_file_atomically(scratch.path() / "big", std::string(3'000'000, 'z')));
  scratch.git({"add", "big"});
  expect_all_as_git_has_them(scratch);
}

TEST(ObjectStore, WhatItCannotReadItselfItAsksGitFor) {
  const ScratchRepository scratch(growing_files(20));
  scratch.git({"-c", "pack.indexVersion=1", "repack", "-adfq"});
  expect_all_as_git_has_them(scratch);
}

TEST(ObjectStore, OffsetsOfMoreThan31Bits) {
  const ScratchRepository scratch(growing_files(20));
  scratch.git({"repack", "-adfq"});
  for (const auto& entry : fs::directory_iterator(scratch.path() / ".git/objects/pack")) {
    if (entry.path().extension() != ".pack") continue;
    const std::string index = entry.path().parent_path() / (entry.path().stem().string() + ".idx");
    fs::remove(index);
    scratch.git({"index-pack", "--index-version=2,0x40", "-o", index, entry.path()});
    break;
  }
  expect_all_as_git_has_them(scratch);
}

TEST(ObjectStore, IdsOfSha256) {
  const ScratchRepository scratch(growing_files(3));
  const TemporaryDirectory folder;
  const std::string other = folder.path() / "other";
  scratch.git({"init", "-q", "--object-format=sha256", other});
  scratch.git({"-C", other, "-c", "user.name=A", "-c", "user.email=a@a", "commit", "-q", "--allow-empty",
               "-m", "one"});
  scratch.git({"-C", other, "repack", "-adq"});
  const Repository repository = Repository::open(other).value();
  EXPECT_EQ(repository.id_format(), IdFormat::sha256);
  const std::string hex = repository.resolve("HEAD").value();
  const ObjectStore store = repository.objects();
  ObjectReader reader(store);
  Object object;
  ASSERT_TRUE(reader.read(parse_object_id(hex).value(), object));
  EXPECT_EQ(object.octets, scratch.git({"-C", other, "cat-file", "commit", hex}) + "\n");
}

TEST(ObjectStore, AnObjectThatIsNotThereIsUnavailable) {
  const ScratchRepository scratch(growing_files(2));
  const ObjectStore store = scratch.open().objects();
  ObjectReader reader(store);
  Object object;
  const Status read = reader.read(parse_object_id(std::string(40, '1')).value(), object);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(reader.read(parse_object_id(scratch.id(1)).value(), object))
      << "the next one is read all the same";
}

// A pack with any one octet changed: what is read of it is what was there, or an error.
TEST(ObjectStore, ADamagedPackIsNoticedOrHarmless) {
  const ScratchRepository scratch(growing_files(12));
  scratch.git({"repack", "-adfq", "--depth=30", "--window=30"});
  std::string index;
  std::string pack;
  for (const auto& entry : fs::directory_iterator(scratch.path() / ".git/objects/pack")) {
    if (entry.path().extension() == ".idx") index = read_file(entry.path()).value();
    if (entry.path().extension() == ".pack") pack = read_file(entry.path()).value();
  }
  std::uint64_t errors = 0;
  ReadingRoom room;
  Object object;
  for (std::size_t at = 0; at < pack.size() + index.size(); at += 3) {
    std::string& changed = at < pack.size() ? pack : index;
    char& octet = changed[at < pack.size() ? at : at - pack.size()];
    octet = static_cast<char>(octet ^ 0x15);
    if (const auto opened = Pack::parse(index, pack, IdFormat::sha1)) {
      for (std::uint32_t place = 0; place < opened->size(); ++place)
        errors += opened->read(place, room, object) ? 0 : 1;
    } else {
      ++errors;
    }
    octet = static_cast<char>(octet ^ 0x15);
  }
  EXPECT_GT(errors, 100u);
}

TEST(ObjectStore, CommitsAreTakenApartAsGitLogShowsThem) {
  const ScratchRepository scratch(growing_files(1));
  const std::string tree = scratch.git({"rev-parse", "HEAD^{tree}"});
  const std::string parent = scratch.id(1);
  const std::vector<std::string> headers = {
      "author A B <a@b> 1600000000 +0100\ncommitter C <c@d> 1700000000 -0500\n",
      "author  A B  <a@b>  1600000000  +0100\ncommitter C <c@d> 1700000000 -0500\ngpgsig -----BEGIN\n x\n "
      "author "
      "Fake <f@f> 1 +0000\n -----END\n",
      "author <only@mail> 1600000000 +0000\ncommitter <> 12 +0000\n",
      "author No Mail 1600000000 +0000\ncommitter No Mail 1600000000 +0000\n",
      "author A <a>b> 1600000000 +0000\ncommitter A <a>b> 1600000000 +0000\n",
      "author A <a@b> -5 +0000\ncommitter A <a@b> -5 +0000\n",
      "author A <a@b> 1600000000\ncommitter A <a@b> 1600000000\n",
      "author A <a@b> 1600000000 UTC\ncommitter A <a@b> 1600000000 UTC\n",
      "author A <a@b> 99999999999999999999999 +0000\ncommitter A <a@b> 1 +0000\n",
      "author A <a@b\ncommitter A <a@b> 1 +0000\n",
      "author \xe9\xff <a@b> 1600000000 +0000\ncommitter A <a@b> 1 +0000\nencoding latin1\n",
      "author \x93\xfa <a@b> 1600000000 +0000\ncommitter A <a@b> 1 +0000\nencoding SJIS\n",
      "author \xe9\xff <a@b> 1600000000 +0000\ncommitter A <a@b> 1 +0000\nencoding no-such-thing\n",
  };
  const std::vector<std::string> messages = {"feat: a\n\nbody\n\n\n", "", "\n\nlate\n", "crlf\r\n\r\nx",
                                             "\xff"};
  const ObjectStore store = scratch.open().objects();
  ObjectReader reader(store);
  std::size_t number = 0;
  for (const std::string& header : headers) {
    const std::string& message = messages[number++ % messages.size()];
    std::string text = "tree " + tree + "\nparent " + parent + "\n";
    if (number % 2 == 0) text += "parent " + parent + "\n";
    const std::string hex = scratch.git({"hash-object", "-t", "commit", "-w", "--literally", "--stdin"},
                                        text + header + "\n" + message);
    Object object;
    ASSERT_TRUE(reader.read(parse_object_id(hex).value(), object));
    CommitObject commit;
    ASSERT_TRUE(parse_commit_object(object.octets, commit));
    const auto recoded = in_utf8(object.octets, commit.encoding);
    if (recoded) {
      EXPECT_TRUE(parse_commit_object(*recoded, commit));
    }
    std::string parents;
    for (const ObjectId& id : commit.parents)
      parents += (parents.empty() ? "" : " ") + to_hex(id, store.format());
    const std::string said = scratch.git({"log", "-1", "-z", "--encoding=none", "--no-mailmap",
                                          "--format=tformat:%T|%P|%an|%ae|%at|%B|end", hex});
    const std::string at = commit.author_time_s == 0 ? "" : std::to_string(commit.author_time_s);
    const bool odd_time = header.find("9999999999") != std::string::npos;
    EXPECT_EQ(to_hex(commit.tree, store.format()) + "|" + parents + "|" + std::string(commit.author_name) +
                  "|" + std::string(commit.author_email) + "|" + (odd_time ? "99999999999999999999999" : at) +
                  "|" + std::string(commit.message) + "|end",
              said.substr(0, said.find('\0')))
        << header;
  }
}

}  // namespace
}  // namespace signalbox::git
