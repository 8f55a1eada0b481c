// Sources by the names that profiles have for them: the right ones, and none that a stranger asks for.
#include "instruments/profile/sources/source_finder.hpp"

#include <atomic>
#include <cstdlib>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/git/scratch_repository.hpp"
#include "core/http/raw_client.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOld = "int parse() {\n  return 1;\n}\n";
constexpr const char* kNew = "// moved on\nint parse() {\n  return 2;\n}\n";
constexpr const char* kSecret = "the password is swordfish\n";

// A repository with a file that moved on, one that git ignores, one that it does not know yet, and secrets
// all around.
class Sources : public ::testing::Test {
 protected:
  Sources() : repository_(history()) {
    ::unsetenv("DEBUGINFOD_URLS");
    repository_.git({"checkout", "-q", "-f", "main"});
    write("new/draft.c", "int draft;\n");
    write(".env", kSecret);
    write("new/.netrc", kSecret);  // neither known nor ignored
    write("build/made.c", kSecret);
    write("../outside/secret.c", kSecret);
    write(".git/signalbox/signalbox.c", kSecret);
  }
  static git::History history() {
    git::History out;
    const int first = out.commit(
        {.message = "feat: parse",
         .parents = {},
         .files = {{"src/parse.c", kOld}, {".gitignore", ".env\nbuild/\n"}, {"src/gone.c", "int gone;\n"}}});
    const int second =
        out.commit({.message = "fix: parse", .parents = {first}, .files = {{"src/parse.c", kNew}}});
    out.branch("main", second);
    return out;
  }

  const fs::path& root() const { return repository_.path(); }
  void write(const std::string& path, std::string_view text) const {
    ASSERT_TRUE(write_file_atomically(root() / path, text));
  }
  SourceFinder finder(SourceReader reader = SourceReader::stranger) const {
    return {root(), root() / ".git" / "signalbox", reader};
  }
  Result<SourceFile> find(std::string file, std::string commit = {}) const {
    SourceWanted wanted;
    wanted.file = std::move(file);
    wanted.commit = std::move(commit);
    return finder().find(wanted);
  }
  std::string text(const std::string& file, const std::string& commit = {}) const {
    const auto found = find(file, commit);
    return found ? found->text : "none: " + found.error().message;
  }

  git::ScratchRepository repository_;
};

TEST_F(Sources, AreThoseOfTheCommitThatTheProgramWasBuiltOf) {
  const auto found = find("/builds/ci/shop/src/parse.c", repository_.id(1));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->text, kOld);
  EXPECT_EQ(found->origin, SourceOrigin::commit);
  EXPECT_EQ(found->path, "src/parse.c");
  EXPECT_EQ(found->commit, repository_.id(1));
  EXPECT_EQ(text("src/parse.c", repository_.id(2)), kNew);
  EXPECT_EQ(text((root() / "src/parse.c").string(), repository_.id(1).substr(0, 9)), kOld);
}

TEST_F(Sources, FoundByTheEndOfTheirPathAloneSayWhichTheyAre) {
  for (const std::string& commit : {repository_.id(1), std::string()}) {
    for (const std::string& elsewhere :
         {std::string("/builds/ci/shop/src/parse.c"), std::string("../src/parse.c")}) {
      const std::string note = find(elsewhere, commit).value().note;
      EXPECT_NE(note.find("the profile names " + elsewhere + ", and this is src/parse.c"), std::string::npos)
          << note;
    }
    for (const std::string& here :
         {std::string("src/parse.c"), std::string("./src/parse.c"), (root() / "src/parse.c").string()})
      EXPECT_EQ(find(here, commit).value().note.find("found by the end"), std::string::npos) << here;
  }
}

// Nothing is fetched for a name in a profile.
TEST_F(Sources, ThatAPartialCloneLacksSaySo) {
  const TemporaryDirectory folder;
  repository_.git({"config", "uploadpack.allowFilter", "true"});
  const fs::path clone = folder.path() / "clone";
  const auto cloned = run_process(
      {"git", "clone", "-q", "--bare", "--filter=blob:none", "file://" + root().string(), clone.string()},
      {});
  ASSERT_TRUE(cloned && cloned->exit_code == 0) << (cloned ? cloned->errors : cloned.error().message);
  SourceWanted wanted;
  wanted.file = "src/parse.c";
  wanted.commit = repository_.id(1);
  const auto none = SourceFinder(clone, clone / "signalbox").find(wanted);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  EXPECT_NE(none.error().message.find("it is a partial one"), std::string::npos) << none.error().message;
}

TEST_F(Sources, OfASubmoduleSayThatTheyAreOfAnotherRepository) {
  write(".gitmodules", "[submodule \"zlib\"]\n\tpath = lib/zlib\n\turl = ../zlib\n");
  repository_.git({"add", ".gitmodules"});
  repository_.git({"update-index", "--add", "--cacheinfo", "160000," + std::string(40, '1') + ",lib/zlib"});
  repository_.git({"commit", "-q", "-m", "feat: zlib"});
  write("lib/zlib/inflate.c", "int inflate;\n");
  const std::string with = repository_.git({"rev-parse", "HEAD"});
  for (const std::string& commit : {with, std::string()}) {
    const auto none = find("/builds/lib/zlib/inflate.c", commit);
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("lib/zlib is a submodule"), std::string::npos)
        << none.error().message;
  }
  EXPECT_EQ(find("src/none.c", with).error().message.find("submodule"), std::string::npos);
}

// A folder of somebody else's, until its reader says that it may be read.
TEST_F(Sources, ThatGitRefusesToTellOfAreToldOfInItsWords) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may give a folder away";
  ASSERT_EQ(::chown(root().c_str(), 65534, 65534), 0);
  ASSERT_EQ(::chown((root() / ".git").c_str(), 65534, 65534), 0);
  SourceWanted wanted;
  wanted.file = "src/parse.c";
  const SourceFinder refused = finder();
  EXPECT_FALSE(refused.knows_a_repository());
  const std::string message = refused.find(wanted).error().message;
  EXPECT_NE(message.find("dubious ownership"), std::string::npos) << message;
  ASSERT_EQ(::chown(root().c_str(), 0, 0), 0);
  ASSERT_EQ(::chown((root() / ".git").c_str(), 0, 0), 0);
  EXPECT_TRUE(finder().knows_a_repository());
}

TEST_F(Sources, AreThoseOfTheWorkTreeWhereTheCommitIsNotThereAndSaySo) {
  for (const std::string& commit : {std::string(), std::string(40, 'a'), std::string("main"),
                                    std::string("--help"), repository_.id(1) + "^{tree}"}) {
    const auto found = find("src/parse.c", commit);
    ASSERT_TRUE(found) << commit << found.error().message;
    EXPECT_EQ(found->text, kNew) << commit;
    EXPECT_EQ(found->origin, SourceOrigin::work_tree) << commit;
    EXPECT_NE(found->note.find("may be another"), std::string::npos) << commit;
  }
}

// A file that git neither tracks nor ignores may be anything that its owner left there.
TEST_F(Sources, ThatGitDoesNotTrackAreShownToTheOwnerAlone) {
  SourceWanted wanted;
  wanted.file = "new/draft.c";
  EXPECT_FALSE(finder().find(wanted));
  const auto own = finder(SourceReader::owner).find(wanted);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(own->text, "int draft;\n");
  for (const char* file : {".env", "new/.netrc", "build/made.c", ".git/signalbox/signalbox.c"}) {
    wanted.file = file;
    EXPECT_FALSE(finder(SourceReader::owner).find(wanted)) << file;
  }
  wanted.file = "key.pem";
  write("key.pem", kSecret);
  EXPECT_FALSE(finder().find(wanted));
}

TEST_F(Sources, OfAFolderThatItsOwnerNamesAreThoseBelowItWhateverGitSays) {
  write("build/deps/zlib/inflate.c", "int inflate;\n");
  SourceWanted wanted;
  wanted.file = "/b/zlib/inflate.c";
  const auto found = SourceFinder::in_folder(root() / "build/deps", root() / ".git/signalbox").find(wanted);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->text, "int inflate;\n");
  EXPECT_FALSE(finder(SourceReader::owner).find(wanted));
  wanted.file = "../../src/parse.c";
  EXPECT_FALSE(SourceFinder::in_folder(root() / "build/deps", root() / ".git/signalbox").find(wanted));
}

TEST_F(Sources, OfAProgramWithChangesAreThoseOfTheWorkTree) {
  write("src/parse.c", "int changed;\n");
  SourceWanted wanted;
  wanted.file = "src/parse.c";
  wanted.commit = repository_.id(2);
  wanted.is_changed = true;
  const auto found = finder().find(wanted);
  EXPECT_EQ(found->text, "int changed;\n");
  EXPECT_NE(found->note.find("as it is now"), std::string::npos) << found->note;
  wanted.is_changed = false;
  EXPECT_EQ(finder().find(wanted)->text, kNew);
}

TEST_F(Sources, WithFewerLinesThanTheProfileNamesAreOthers) {
  SourceWanted wanted;
  wanted.file = "src/parse.c";
  wanted.commit = repository_.id(1);
  wanted.last_line = 4;
  EXPECT_EQ(finder().find(wanted)->text, kNew);  // the older one has 3
  wanted.last_line = 5;
  const auto none = finder().find(wanted);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  EXPECT_NE(none.error().message.find("has 4 lines, and the profile line 5"), std::string::npos)
      << none.error().message;
}

TEST_F(Sources, ThatAreNowhereSaySoAndWhatWasLookedAt) {
  const auto none = find("/builds/x/other.c", repository_.id(1));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  EXPECT_NE(none.error().message.find("/builds/x/other.c"), std::string::npos);
  EXPECT_NE(none.error().message.find("commit " + repository_.id(1).substr(0, 12)), std::string::npos);
}

TEST_F(Sources, OutsideTheRootAreNotGivenWhateverTheyAreCalled) {
  const std::string outside = (root().parent_path() / "outside/secret.c").string();
  fs::create_symlink(outside, root() / "src/link.c");
  fs::create_directory_symlink(root().parent_path() / "outside", root() / "linked");
  fs::create_symlink(root() / ".env", root() / "src/env.c");
  fs::create_symlink("/etc/passwd", root() / "src/passwd.c");
  repository_.git({"add", "src/link.c", "linked", "src/env.c", "src/passwd.c"});
  for (const std::string& file : {outside,
                                  std::string("../outside/secret.c"),
                                  std::string("src/../../outside/secret.c"),
                                  std::string("src/link.c"),
                                  std::string("linked/secret.c"),
                                  std::string("src/env.c"),
                                  std::string("src/passwd.c"),
                                  std::string(".env"),
                                  std::string("new/.netrc"),
                                  (root() / ".env").string(),
                                  std::string("build/made.c"),
                                  std::string(".git/signalbox/signalbox.c"),
                                  std::string("x/../.git/config"),
                                  std::string("/etc/passwd"),
                                  std::string("etc/passwd"),
                                  std::string("/proc/self/environ"),
                                  std::string("src/parse.c\0/../../x", 20),
                                  std::string("src"),
                                  std::string("."),
                                  std::string("/"),
                                  std::string(":(top)src/parse.c"),
                                  std::string("*"),
                                  std::string("src/*"),
                                  std::string("--help"),
                                  std::string(5'000, 'a'),
                                  std::string("src/parse.c/") + std::string(300, 'b')}) {
    for (const std::string& commit : {std::string(), repository_.id(2)}) {
      const auto found = find(file, commit);
      EXPECT_FALSE(found) << file << ": " << (found ? found->text : "");
    }
  }
}

// A link that git holds is its target's name, and no source.
TEST_F(Sources, OfACommitAreNoLinks) {
  fs::create_symlink("../.env", root() / "src/linked.c");
  repository_.git({"add", "src/linked.c"});
  repository_.git({"commit", "-q", "-m", "feat: link"});
  EXPECT_FALSE(find("src/linked.c", repository_.git({"rev-parse", "HEAD"})));
}

TEST_F(Sources, AreTextOfASizeThatAPersonReads) {
  write("src/binary.c", std::string_view("int\0x;\n", 7));
  write("src/huge.c", std::string(kMaxSourceBytes + 1, '\n'));
  write("src/large.c", std::string(kMaxSourceBytes, '\n'));
  ASSERT_EQ(::mkfifo((root() / "src/pipe.c").c_str(), 0600), 0);
  repository_.git({"add", "src/binary.c", "src/huge.c", "src/large.c"});
  repository_.git({"commit", "-q", "-m", "feat: x"});
  for (const std::string& commit : {std::string(), repository_.git({"rev-parse", "HEAD"})}) {
    EXPECT_NE(text("src/binary.c", commit).find("no text"), std::string::npos);
    EXPECT_TRUE(text("src/huge.c", commit).starts_with("none: ")) << commit;
    EXPECT_EQ(text("src/large.c", commit).size(), kMaxSourceBytes);
    EXPECT_TRUE(text("src/pipe.c", commit).starts_with("none: ")) << commit;
  }
}

// Any name at all is refused or is one of the files that people of the repository see.
TEST_F(Sources, OfNamesMadeAtRandomAreOfTheRepositoryOrNone) {
  std::mt19937 random(20261127);
  const std::vector<std::string> parts = {"..",
                                          ".",
                                          "",
                                          "src",
                                          "parse.c",
                                          ".git",
                                          "config",
                                          ".env",
                                          "build",
                                          "made.c",
                                          "outside",
                                          "secret.c",
                                          root().string(),
                                          "/",
                                          "etc",
                                          "passwd",
                                          "\\",
                                          "~",
                                          "%2e%2e",
                                          std::string(1, '\0'),
                                          ":(glob)**"};
  const SourceFinder looking = finder();
  int found = 0;
  for (int i = 0; i < 200; ++i) {
    SourceWanted wanted;
    const std::size_t count = 1 + random() % 6;
    for (std::size_t part = 0; part < count; ++part)
      wanted.file += (part > 0 || random() % 2 == 0 ? "/" : "") + parts[random() % parts.size()];
    if (i % 2 == 0) wanted.commit = repository_.id(1);
    const auto given = looking.find(wanted);
    if (!given) continue;
    ++found;
    EXPECT_TRUE(given->text == kOld || given->text == kNew) << wanted.file << ": " << given->text;
  }
  EXPECT_GT(found, 0);
}

// A server that has one source for one build id.
TEST_F(Sources, ThatAreNotHereAreAskedOfSymbolServers) {
  if (!find_program("debuginfod-find")) GTEST_SKIP() << "libdebuginfod is not there";
  std::atomic<int> asked{0};
  http::Route route;
  route.path = "/buildid/{id}/source/{path*}";
  route.role = http::Role::none;
  route.handle = [&](const http::Request& request) -> Result<http::Response> {
    ++asked;
    if (request.parameters.at("id") != "abcdef0123456789") return fail(ErrorKind::not_found, "none");
    http::Response out;
    out.content_type = "application/octet-stream";
    out.body = request.parameters.at("path").ends_with("binary.c") ? std::string("a\0b", 3)
                                                                   : std::string("int far;\n");
    return out;
  };
  const http::testing::RunningServer server({route});
  const TemporaryDirectory cache;
  ::setenv("DEBUGINFOD_URLS", fmt::format("http://127.0.0.1:{}", server.port()).c_str(), 1);
  ::setenv("DEBUGINFOD_CACHE_PATH", cache.path().c_str(), 1);
  SourceWanted wanted;
  wanted.file = "/usr/src/far/b.c";
  wanted.build_ids = {"0123456789abcdef", "abcdef0123456789"};
  const auto found = finder().find(wanted);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->text, "int far;\n");
  EXPECT_EQ(found->origin, SourceOrigin::symbol_server);
  wanted.file = "/usr/src/far/binary.c";
  EXPECT_FALSE(finder().find(wanted));
  // What is here is asked of nobody, and neither is what has no whole path, or no build id that is one.
  asked = 0;
  wanted.file = "/builds/src/parse.c";
  EXPECT_EQ(finder().find(wanted)->origin, SourceOrigin::work_tree);
  wanted.file = "far/b.c";
  EXPECT_FALSE(finder().find(wanted));
  wanted.file = "/usr/src/far/c.c";
  wanted.build_ids = {"../abcdef0123456", "ABCDEF0123456789", ""};
  EXPECT_FALSE(finder().find(wanted));
  EXPECT_EQ(asked, 0);
  ::unsetenv("DEBUGINFOD_URLS");
  ::unsetenv("DEBUGINFOD_CACHE_PATH");
}

// Without git what is hidden stays hidden.
TEST(SourcesWithoutGit, AreTheFilesThatAreNotHidden) {
  const TemporaryDirectory folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "root/src/a.c", "int a;\n"));
  ASSERT_TRUE(write_file_atomically(folder.path() / "root/.env", kSecret));
  ASSERT_TRUE(write_file_atomically(folder.path() / "root/.ssh/key.c", kSecret));
  ASSERT_TRUE(write_file_atomically(folder.path() / "root/state/signalbox.db", kSecret));
  ASSERT_TRUE(write_file_atomically(folder.path() / "secret.c", kSecret));
  fs::create_symlink(folder.path() / "secret.c", folder.path() / "root/src/link.c");
  const SourceFinder of_owner(folder.path() / "root", folder.path() / "root/state", SourceReader::owner);
  const SourceFinder of_strangers(folder.path() / "root", folder.path() / "root/state");
  const auto is_given = [&](const std::string& file) {
    SourceWanted wanted;
    wanted.file = file;
    EXPECT_FALSE(of_strangers.find(wanted)) << file;
    return of_owner.find(wanted).has_value();
  };
  EXPECT_TRUE(is_given("src/a.c"));
  EXPECT_TRUE(is_given("/elsewhere/src/a.c"));
  for (const char* file :
       {".env", ".ssh/key.c", "state/signalbox.db", "../secret.c", "src/link.c", "src/../.env"})
    EXPECT_FALSE(is_given(file)) << file;
}

}  // namespace
}  // namespace signalbox::profile
