#include "instruments/profile/target_selection.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {
namespace {

NamePattern pattern(std::string_view expression) {
  return NamePattern::compile(expression).value();
}

const std::vector<Candidate> kCandidates = {{10, "postgres", "/usr/lib/postgresql/bin/postgres -D /data"},
                                            {11, "java", "/usr/bin/java -jar shop.jar"},
                                            {12, "java", "/usr/bin/java -jar till.jar"}};

TEST(ProcessesNamed, AreThoseWhoseNameOrCommandMatches) {
  EXPECT_EQ(*processes_named(pattern("^java$"), kCandidates), (std::vector<std::int32_t>{11, 12}));
  EXPECT_EQ(*processes_named(pattern("till\\.jar"), kCandidates), std::vector<std::int32_t>{12});
  EXPECT_EQ(*processes_named(pattern("-D /data"), kCandidates), std::vector<std::int32_t>{10});
}

TEST(ProcessesNamed, WhereThereIsNoneTheNearestIsNamed) {
  const auto none = processes_named(pattern("postgers"), kCandidates);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  EXPECT_NE(none.error().hint.find("`postgres`"), std::string::npos) << none.error().hint;
  EXPECT_FALSE(processes_named(pattern("x"), {}));
}

TEST(RunningCandidates, HoldOthersAndNeitherThisProcessNorWhoStartedIt) {
  auto sleeper = Process::start({"sleep", "60"});
  ASSERT_TRUE(sleeper);
  // The kernel lets us go on a moment before the new program's words can be read.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (command_of(sleeper->pid()).empty() && std::chrono::steady_clock::now() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto has = [](std::int32_t pid) {
    const auto found = running_candidates();
    return std::any_of(found.begin(), found.end(), [&](const Candidate& each) { return each.pid == pid; });
  };
  EXPECT_TRUE(has(sleeper->pid()));
  EXPECT_FALSE(has(::getpid()));
  EXPECT_FALSE(has(::getppid()));
}

class Cgroups : public ::testing::Test {
 protected:
  void group(const std::string& path, const std::string& members) {
    ASSERT_TRUE(write_file_atomically(folder_.path() / path / "cgroup.procs", members));
  }
  auto members_of(const std::string& path) { return processes_in_cgroup(path, folder_.path()); }
  TemporaryDirectory folder_;
};

TEST_F(Cgroups, AGroupIsItsProcessesAndThoseBelow) {
  group("unified/shop", "4\n2\n");
  group("unified/shop/workers/one", "7\n2\n");
  group("unified/other", "9\n");
  EXPECT_EQ(*members_of("/shop"), (std::vector<std::int32_t>{2, 4, 7}));
  EXPECT_EQ(*members_of("shop/workers/one"), (std::vector<std::int32_t>{2, 7}));
  EXPECT_EQ(*members_of((folder_.path() / "unified/other").native()), std::vector<std::int32_t>{9});
}

TEST_F(Cgroups, TheSecondVersionGoesBeforeHierarchiesOfTheFirst) {
  group("cpu/shop", "1\n");
  group("unified/shop", "2\n");
  EXPECT_EQ(*members_of("/shop"), std::vector<std::int32_t>{2});
  group("memory/till", "3\n");
  EXPECT_EQ(*members_of("/till"), std::vector<std::int32_t>{3});
}

TEST_F(Cgroups, NoGroupAndNobodyInItAreSaid) {
  group("shop", "");
  EXPECT_EQ(members_of("/shop").error().message, "--cgroup /shop: nobody is in it");
  EXPECT_EQ(members_of("/none").error().kind, ErrorKind::not_found);
}

// A process with a child that stands in none of the groups.
class Family {
 public:
  ~Family() { ::kill(child, SIGKILL); }
  Process parent = Process::start({"sh", "-c", "sleep 60 & echo $!; wait"}).value();
  std::int32_t child = static_cast<std::int32_t>(std::stol(parent.read().value()));
};

cli::Arguments arguments(std::map<std::string, std::vector<std::string>, std::less<>> options) {
  cli::Arguments out;
  out.options_ = std::move(options);
  return out;
}

TEST_F(Cgroups, ChildrenInOtherGroupsAreNotChosenWithTheirParents) {
  const Family family;
  group("shop", std::to_string(family.parent.pid()) + "\n");
  RecordRequest request;
  ASSERT_TRUE(choose_target(arguments({{"--cgroup", {(folder_.path() / "shop").native()}}}), request));
  EXPECT_EQ(request.pids, std::vector<std::int32_t>{family.parent.pid()});
  EXPECT_FALSE(request.descendants);
  ASSERT_TRUE(choose_target(arguments({{"--pid", {std::to_string(family.parent.pid())}}}), request));
  EXPECT_TRUE(request.descendants);
}

TEST_F(Cgroups, ChildrenOfProcessesThatAreChosenBesideAGroupAre) {
  const Family family;
  group("shop", "1\n");
  std::map<std::string, std::vector<std::string>, std::less<>> options{
      {"--cgroup", {(folder_.path() / "shop").native()}}, {"--pid", {std::to_string(family.parent.pid())}}};
  RecordRequest request;
  ASSERT_TRUE(choose_target(arguments(options), request));
  std::vector<std::int32_t> wanted{1, family.parent.pid(), family.child};
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(request.pids, wanted);
  options["--no-children"] = {};
  ASSERT_TRUE(choose_target(arguments(options), request));
  EXPECT_EQ(std::count(request.pids.begin(), request.pids.end(), family.child), 0);
}

TEST_F(Cgroups, NumbersThatAreNoneAreLeftOut) {
  group("shop", "x\n-1\n0\n99999999999\n5\n");
  EXPECT_EQ(*members_of("/shop"), std::vector<std::int32_t>{5});
}

}  // namespace
}  // namespace signalbox::profile
