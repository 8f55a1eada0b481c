// The store of profiles on both engines.
#include "instruments/profile/kept/profile_store.hpp"

#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/killed_writer.hpp"
#include "core/store/testing.hpp"

namespace signalbox::profile {
namespace {

using store::Engine;

KeptProfile profile(const std::string& octets, std::int64_t second, std::string service = "shop") {
  KeptProfile out;
  out.id = to_hex(sha256(octets));
  out.format = "pprof";
  out.bytes = static_cast<std::int64_t>(octets.size());
  out.service = std::move(service);
  out.commit = "0123456789abcdef0123456789abcdef01234567";
  out.host = "box é";
  out.labels = {{"region", "eu"}, {"a", "\"b\""}};
  out.taken = Time(std::chrono::seconds(second));
  out.kept = out.taken + std::chrono::seconds(5);
  out.type = "cpu";
  out.unit = "nanoseconds";
  out.total = INT64_MAX;
  out.samples = 7;
  out.overhead = 0.25;
  out.kept_by = "ci";
  out.thumbnail = R"({"rows":1,"boxes":[]})";
  return out;
}

class ProfileStoreTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (!scratch_.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    database_ = scratch_.open();
    const Status migrated = store::migrate(*database_, kept_migrations());
    ASSERT_TRUE(migrated) << migrated.error().message;
  }
  std::filesystem::path blobs() const { return folder_.path() / "blobs" / "profile"; }
  ProfileStore store(KeptLimits limits = {}) { return {*database_, blobs(), limits}; }

  static std::vector<std::string> ids(const Result<std::vector<KeptProfile>>& found) {
    std::vector<std::string> out;
    if (!found) return {found.error().message};
    for (const KeptProfile& each : *found) out.push_back(each.id);
    return out;
  }

  TemporaryDirectory folder_;
  store::testing::ScratchStore scratch_{GetParam()};
  std::unique_ptr<store::Database> database_;
};

INSTANTIATE_TEST_SUITE_P(Engines, ProfileStoreTest, ::testing::Values(Engine::sqlite, Engine::postgresql),
                         [](const auto& test) { return store::testing::name_of(test.param); });

TEST_P(ProfileStoreTest, WhatWasGivenComesBackAsItWent) {
  const std::string octets("a\0b\xff", 4);
  KeptProfile given = profile(octets, 100);
  const auto added = store().add(given, octets);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_FALSE(added->was_there);
  const auto found = store().find(given.id);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(to_json(*found).dump(), to_json(given).dump());
  EXPECT_EQ(found->thumbnail, given.thumbnail);
  EXPECT_EQ(store().octets(*found).value(), octets);
  given = profile("other", 100);
  given.overhead.reset();
  given.labels.clear();
  ASSERT_TRUE(store().add(given, "other"));
  EXPECT_FALSE(store().find(given.id)->overhead);
}

TEST_P(ProfileStoreTest, TheSameOctetsAreOneProfile) {
  ASSERT_TRUE(store().add(profile("a", 100, "first"), "a"));
  const auto again = store().add(profile("a", 200, "second"), "a");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->was_there);
  EXPECT_EQ(again->profile.service, "first");
  EXPECT_EQ(store().totals()->profiles, 1);
  EXPECT_EQ(store().octets(again->profile).value(), "a");
}

TEST_P(ProfileStoreTest, TheNewestComeFirstAndPagesFollowOneAnother) {
  std::vector<std::string> all;
  for (int i = 0; i < 7; ++i) {
    const std::string octets = fmt::format("p{}", i);
    ASSERT_TRUE(store().add(profile(octets, 100 + i / 2), octets));  // pairs of the same time
  }
  KeptQuery query;
  all = ids(store().list(query));
  ASSERT_EQ(all.size(), 7U);
  EXPECT_EQ(all.front(), profile("p6", 0).id);
  query.limit = 3;
  std::vector<std::string> paged;
  for (;;) {
    const auto page = store().list(query);
    ASSERT_TRUE(page) << page.error().message;
    if (page->empty()) break;
    for (const KeptProfile& each : *page) paged.push_back(each.id);
    query.before = paged.back();
  }
  EXPECT_EQ(paged, all);
  query.before = std::string(64, '0');
  EXPECT_EQ(store().list(query).error().kind, ErrorKind::not_found);
}

TEST_P(ProfileStoreTest, AQueryIsByServiceCommitAndTime) {
  KeptProfile other = profile("b", 200, "cart");
  other.commit = "0123456fffffffffffffffffffffffffffffffff";
  ASSERT_TRUE(store().add(profile("a", 100), "a"));
  ASSERT_TRUE(store().add(other, "b"));
  const auto found = [&](KeptQuery query) { return ids(store().list(query)); };
  const std::vector<std::string> a{profile("a", 0).id};
  const std::vector<std::string> b{other.id};
  EXPECT_EQ(found({.service = "shop"}), a);
  EXPECT_EQ(found({.service = "sho"}), std::vector<std::string>{});
  EXPECT_EQ(found({.commit = "0123456F"}), b);
  EXPECT_EQ(found({.commit = "0123456"}).size(), 2U);
  EXPECT_EQ(found({.since = Time(std::chrono::seconds(200))}), b);
  EXPECT_EQ(found({.until = Time(std::chrono::seconds(200))}), a);
  EXPECT_EQ(store().list({.commit = "0' or 1=1"}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(store().services().value(), (std::vector<std::string>{"cart", "shop"}));
}

TEST_P(ProfileStoreTest, WhatWasKeptFirstGoesWhereThereIsMoreThanMayBe) {
  const KeptLimits limits{.bytes_max = 30, .profiles_max = 3};
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(store(limits).add(profile(fmt::format("{:08}", i), 100 + i), fmt::format("{:08}", i)));
  auto added = store(limits).add(profile("x", 200), "x");  // a fourth one
  ASSERT_TRUE(added);
  EXPECT_EQ(added->gone, 1);
  EXPECT_EQ(store().find(profile("00000000", 0).id).error().kind, ErrorKind::not_found);
  const std::string large(20, 'y');  // 8 + 8 + 1 are there, 30 may be
  added = store(limits).add(profile(large, 50), large);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->gone, 1);
  EXPECT_EQ(store().totals()->bytes, 29);
  EXPECT_TRUE(store().find(profile(large, 0).id)) << "the one that was given stays, however old it is";
  EXPECT_EQ(store(limits).add(profile(std::string(31, 'z'), 300), std::string(31, 'z')).error().kind,
            ErrorKind::bad_input);
}

TEST_P(ProfileStoreTest, AStoreOfBeforeTheIndexOfTotalsHoldsWhatItHeld) {
  store::testing::ScratchStore scratch{GetParam()};
  const auto database = scratch.open();
  ASSERT_TRUE(store::migrate(*database, {kept_migrations().front()}));
  ProfileStore store(*database, blobs());
  ASSERT_TRUE(store.add(profile("abc", 100), "abc"));
  ASSERT_TRUE(store::migrate(*database, kept_migrations()));
  ASSERT_TRUE(store.add(profile("de", 200), "de"));
  const auto totals = store.totals();
  ASSERT_TRUE(totals) << totals.error().message;
  EXPECT_EQ(totals->profiles, 2);
  EXPECT_EQ(totals->bytes, 5);
  EXPECT_EQ(totals->newest_ms, 205'000);
}

// PostgreSQL chooses by how many rows there are.
TEST_P(ProfileStoreTest, TotalsAreReadFromAnIndexAndNotFromTheRows) {
  if (GetParam() != Engine::sqlite) return;
  for (const std::string_view question :
       {"select count(*), sum(bytes), max(kept_ms) from profile_kept",
        "select id, bytes from profile_kept where id <> 'a' order by kept_ms, id limit 1"}) {
    const auto plan = database_->query(fmt::format("explain query plan {}", question));
    ASSERT_TRUE(plan) << plan.error().message;
    ASSERT_EQ(plan->size(), 1U) << question;
    EXPECT_NE(plan->front().text(3).find("USING COVERING INDEX profile_kept_by_age"), std::string::npos)
        << plan->front().text(3);
  }
}

TEST_P(ProfileStoreTest, WhatWasRemovedIsGone) {
  const KeptProfile kept = profile("a", 100);
  ASSERT_TRUE(store().add(kept, "a"));
  ASSERT_TRUE(store().remove(kept.id));
  EXPECT_EQ(store().find(kept.id).error().kind, ErrorKind::not_found);
  EXPECT_FALSE(store().octets(kept));
  EXPECT_EQ(store().remove(kept.id).error().kind, ErrorKind::not_found);
  EXPECT_EQ(store().remove("../a").error().kind, ErrorKind::bad_input);
}

TEST_P(ProfileStoreTest, TheBeginningOfAnIdFindsItWhereItIsAlone) {
  std::vector<std::string> all;
  for (int i = 0; i < 17; ++i) {  // one more than there are digits: two of them begin alike
    const std::string octets = fmt::format("p{}", i);
    all.push_back(profile(octets, 100 + i).id);
    ASSERT_TRUE(store().add(profile(octets, 100 + i), octets));
  }
  for (const std::string& id : all) {
    for (const std::size_t digits : {std::size_t{10}, id.size()}) {
      const auto found = store().find_beginning(id.substr(0, digits));
      ASSERT_TRUE(found) << found.error().message;
      EXPECT_EQ(found->id, id);
    }
  }
  std::map<char, int> by_digit;
  for (const std::string& id : all) ++by_digit[id.front()];
  for (const auto& [digit, count] : by_digit) {
    const auto found = store().find_beginning(std::string(1, digit));
    EXPECT_EQ(found.has_value(), count == 1);
    if (!found) {
      EXPECT_EQ(found.error().kind, ErrorKind::bad_input);
    }
  }
  for (const std::string_view none : {"", "0000000000", "g", "%", "é"})
    EXPECT_EQ(store().find_beginning(none).error().kind, ErrorKind::not_found) << none;
}

TEST_P(ProfileStoreTest, DamagedOctetsAreNotHandedOutAndMayBeGivenAgain) {
  const KeptProfile kept = profile("hello", 100);
  ASSERT_TRUE(store().add(kept, "hello"));
  if (GetParam() == Engine::postgresql) {
    ASSERT_TRUE(database_->execute("update profile_octets set octets = ?", {store::Blob{"jello"}}));
  } else {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (file.is_regular_file()) {
        ASSERT_TRUE(write_file_atomically(file.path(), "jello"));
      }
    }
  }
  EXPECT_EQ(store().octets(kept).error().kind, ErrorKind::internal);
  ASSERT_TRUE(store().add(kept, "hello")->was_there);
  EXPECT_EQ(store().octets(kept).value(), "hello");
}

// What a crash, and a disk that is ill, leave in the folder of a store whose octets are files.
class KeptFiles : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store::migrate(*database_, kept_migrations())); }
  std::filesystem::path blobs() const { return folder_.path() / "blobs" / "profile"; }
  ProfileStore store(KeptLimits limits = {}) { return {*database_, blobs(), limits}; }
  void add(ProfileStore& store, const std::string& octets) {
    const auto added = store.add(profile(octets, 100 + ++second_), octets);
    ASSERT_TRUE(added) << added.error().message;
  }
  static std::string id_of(const std::string& octets) { return to_hex(sha256(octets)); }
  std::filesystem::path file_of(const std::string& octets) const {
    const std::string id = id_of(octets);
    return blobs() / id.substr(0, 2) / id.substr(2);
  }
  static void age(const std::filesystem::path& path, std::chrono::minutes by) {
    std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - by);
  }
  // A file without a row, written that long ago.
  void plant(const std::string& octets, std::chrono::minutes ago) {
    ASSERT_TRUE(store::BlobStore(blobs()).put(octets));
    age(file_of(octets), ago);
  }
  // What is in its place is no file, and cannot be removed as one.
  void obstruct(const std::string& octets) const {
    std::filesystem::remove(file_of(octets));
    std::filesystem::create_directories(file_of(octets) / "in the way");
  }

  static constexpr std::chrono::minutes kOld{61};
  static constexpr std::chrono::minutes kYoung{30};
  int second_ = 0;
  TemporaryDirectory folder_;
  std::unique_ptr<store::Database> database_ =
      store::open_database((folder_.path() / "a.db").string()).value();
};

TEST_F(KeptFiles, AFileThatStaysIsNoFailureOfTheProfileThatWasKept) {
  ProfileStore one = store({.profiles_max = 1});
  add(one, "a");
  obstruct("a");
  add(one, "b");
  ASSERT_EQ(one.notes().size(), 1U);
  EXPECT_NE(one.notes().front().find("kept no longer"), std::string::npos) << one.notes().front();
  EXPECT_TRUE(one.find(id_of("b")));
  obstruct("b");
  EXPECT_TRUE(one.remove(id_of("b")));
  EXPECT_EQ(one.notes().size(), 2U);
  EXPECT_EQ(one.totals()->profiles, 0);
}

TEST_F(KeptFiles, WhatACrashLeftIsSweptOnceItIsAnHourOld) {
  plant("old", kOld);
  plant("young", kYoung);
  ASSERT_TRUE(write_file_atomically(blobs() / "ab" / ".cd.012345", "cut"));
  ASSERT_TRUE(write_file_atomically(blobs() / "ab" / ".cd.678901", "being written"));
  age(blobs() / "ab" / ".cd.012345", kOld);
  ProfileStore kept = store();
  add(kept, "a");
  EXPECT_FALSE(std::filesystem::exists(file_of("old")));
  EXPECT_TRUE(std::filesystem::exists(file_of("young")));
  EXPECT_FALSE(std::filesystem::exists(blobs() / "ab" / ".cd.012345"));
  EXPECT_TRUE(std::filesystem::exists(blobs() / "ab" / ".cd.678901"));
  EXPECT_TRUE(kept.notes().empty());
}

TEST_F(KeptFiles, WhatIsKeptIsNotSweptHoweverOldItIs) {
  ProfileStore kept = store();
  add(kept, "a");
  add(kept, "b");
  age(file_of("a"), kOld);
  age(blobs() / "swept", kOld);
  ASSERT_TRUE(kept.remove(id_of("b")));
  EXPECT_EQ(kept.octets(kept.find(id_of("a")).value()).value(), "a");
}

TEST_F(KeptFiles, AFolderIsSweptOnceAnHourAtMost) {
  ProfileStore kept = store();
  add(kept, "a");
  plant("old", kOld);
  add(kept, "b");
  EXPECT_TRUE(std::filesystem::exists(file_of("old")));
  age(blobs() / "swept", kOld);
  ASSERT_TRUE(kept.remove(id_of("a")));
  EXPECT_FALSE(std::filesystem::exists(file_of("old")));
}

TEST_F(KeptFiles, AnOrphanThatIsGivenAgainIsKept) {
  plant("a", kOld);
  ProfileStore kept = store();
  add(kept, "a");
  EXPECT_EQ(kept.octets(kept.find(id_of("a")).value()).value(), "a");
}

// A file that is closed takes all locks of its process with it (fcntl(2)): SQLite's would be gone.
TEST_F(KeptFiles, SweepingDropsNoLockOfTheStore) {
  ProfileStore kept = store();
  add(kept, "a");
  age(blobs() / "swept", kOld);
  const auto is_locked_for_others = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      struct flock lock = {};
      lock.l_type = F_WRLCK;
      const int file = ::open((folder_.path() / "a.db-shm").c_str(), O_RDWR | O_CLOEXEC);
      ::_exit(file >= 0 && ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 0 : 1);
    }
    int status = -1;
    return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
  };
  ASSERT_TRUE(is_locked_for_others());  // that somebody uses the journal
  ASSERT_TRUE(kept.remove(id_of("a")));
  EXPECT_TRUE(is_locked_for_others());
}

// Profiles are given one after another, as many as `limits` allow stay; the process is killed at a random
// point, again and again. What was acknowledged is there, whole, but for what had to go.
class KilledProfileStoreTest : public ProfileStoreTest {
 protected:
  static std::string octets_of(std::uint64_t index) { return fmt::format("profile {}", index); }
  static KeptProfile profile_of(std::uint64_t index) {
    return profile(octets_of(index), 1'000 + static_cast<std::int64_t>(index));
  }
  // The next index after what is kept: none is given twice.
  std::uint64_t next(ProfileStore& store) {
    const auto newest = store.list({.limit = 1});
    if (!newest) ::_exit(1);
    if (newest->empty()) return 0;
    const auto second = std::chrono::floor<std::chrono::seconds>(newest->front().taken.time_since_epoch());
    return static_cast<std::uint64_t>(second.count() - 1'000) + 1;
  }
  void give_until_killed(const KeptLimits& limits, std::set<std::uint64_t>& acknowledged) {
    const auto write = [&](const testing::Acknowledge& acknowledge) {
      const auto database = scratch_.open();
      ProfileStore store(*database, blobs(), limits);
      for (std::uint64_t index = next(store);; ++index) {
        if (!store.add(profile_of(index), octets_of(index))) ::_exit(2);
        acknowledge(index);
      }
    };
    testing::kill_while_writing(40, 30'000, write, acknowledged);
  }
  // As they are after two hours.
  void age_files() {
    for (const auto& each : std::filesystem::recursive_directory_iterator(blobs())) {
      if (each.is_regular_file())
        std::filesystem::last_write_time(
            each.path(), std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
    }
  }
  std::size_t files() {
    std::size_t out = 0;
    for (auto each = std::filesystem::recursive_directory_iterator(blobs());
         each != std::filesystem::recursive_directory_iterator(); ++each)
      out += each.depth() == 1 && each->is_regular_file() ? 1 : 0;
    return out;
  }
  void expect_whole(ProfileStore& store, const KeptProfile& kept) {
    const auto octets = store.octets(kept);
    EXPECT_TRUE(octets) << octets.error().message;
    EXPECT_EQ(to_hex(sha256(octets.value_or(""))), kept.id);
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, KilledProfileStoreTest,
                         ::testing::Values(Engine::sqlite, Engine::postgresql),
                         [](const auto& test) { return store::testing::name_of(test.param); });

TEST_P(KilledProfileStoreTest, LosesNothingThatWasAcknowledged) {
  std::set<std::uint64_t> acknowledged;
  give_until_killed({}, acknowledged);
  ASSERT_FALSE(HasFatalFailure());
  ASSERT_GE(acknowledged.size(), 40U);
  ProfileStore left = store();
  for (const std::uint64_t index : acknowledged) {
    const auto kept = left.find(profile_of(index).id);
    ASSERT_TRUE(kept) << index << ": " << kept.error().message;
    expect_whole(left, *kept);
  }
}

TEST_P(KilledProfileStoreTest, TakesNobodysOctetsForOneThatNeverCame) {
  constexpr std::int64_t kStay = 5;
  std::set<std::uint64_t> acknowledged;
  give_until_killed({.profiles_max = kStay}, acknowledged);
  ASSERT_FALSE(HasFatalFailure());
  ASSERT_GE(acknowledged.size(), 40U);
  ProfileStore left = store();
  const auto kept = left.list({});
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->size(), static_cast<std::size_t>(kStay));
  for (const KeptProfile& each : *kept) expect_whole(left, each);
  EXPECT_TRUE(left.find(profile_of(*acknowledged.rbegin()).id));
  if (GetParam() == Engine::postgresql) return;
  age_files();
  ASSERT_TRUE(left.remove(kept->back().id));
  EXPECT_EQ(files(), static_cast<std::size_t>(kStay) - 1) << "what was cut short stays for ever";
}

TEST(KeptPlaces, AServerIsNoStoreToOpen) {
  for (const char* const server : {"https://box.example", "HTTP://127.0.0.1:8080"}) {
    const auto opened = open_kept_store({}, server);
    ASSERT_FALSE(opened) << server;
    EXPECT_EQ(opened.error().kind, ErrorKind::bad_input) << server;
    EXPECT_NE(opened.error().message.find("not a server"), std::string::npos) << opened.error().message;
  }
}

TEST(KeptPlaces, BlobsLieBesideTheStore) {
  Workspace workspace;
  workspace.state = "/w/.signalbox";
  EXPECT_EQ(blobs_of(workspace, ""), "/w/.signalbox/blobs/profile");
  EXPECT_EQ(blobs_of(workspace, "sqlite:/v/.signalbox/signalbox.db"), "/v/.signalbox/blobs/profile");
  EXPECT_EQ(blobs_of(workspace, "sqlite:/data/a.db"), "/data/blobs/profile-a.db");
  EXPECT_EQ(blobs_of(workspace, "/data/b.db"), "/data/blobs/profile-b.db");
}

}  // namespace
}  // namespace signalbox::profile
