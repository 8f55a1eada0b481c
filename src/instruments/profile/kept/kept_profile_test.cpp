#include "instruments/profile/kept/kept_profile.hpp"

#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "instruments/profile/analysis/fixture.hpp"

namespace signalbox::profile {
namespace {

const Time kNow{std::chrono::seconds(1'800'000'000)};

ImportedProfile imported(Profile profile) {
  return {std::move(profile), ProfileFormat::pprof, {}};
}

TEST(KeptProfile, TellsWhatAProfileSaysOfItself) {
  fixture::StackWriter writer;
  writer.add("main@/usr/bin/shop;parse@/usr/bin/shop", 30).add("main@/usr/bin/shop;write%", 10);
  writer.annotate("git.commit", "0123456789ABCDEF0123456789abcdef01234567").annotate("git.branch", "main");
  writer.annotate("host", "box").annotate("mode", "cpu").annotate("command", "shop --fast");
  writer.annotate("overhead.stolen", "0.002").annotate("overhead.beside", "0.001");
  writer.builder().profile().start_unix_ns = 1'700'000'000'250'000'000;
  writer.builder().profile().duration_ns = 30'500'000'000;
  const KeptProfile kept = describe(imported(writer.finish()), "octets", {}, kNow).value();
  EXPECT_EQ(kept.id, to_hex(sha256("octets")));
  EXPECT_EQ(kept.service, "shop");
  EXPECT_EQ(kept.commit, "0123456789abcdef0123456789abcdef01234567");
  EXPECT_EQ(kept.branch, "main");
  EXPECT_EQ(kept.host, "box");
  EXPECT_EQ(kept.mode, "cpu");
  EXPECT_EQ(kept.command, "shop --fast");
  EXPECT_EQ(to_rfc3339(kept.taken), "2023-11-14T22:13:20.250Z");
  EXPECT_EQ(kept.duration_ms, 30'500);
  EXPECT_EQ(kept.samples, 40);
  EXPECT_EQ(kept.total, 40 * fixture::kPeriod_ns);
  EXPECT_EQ(kept.type, "cpu");
  EXPECT_DOUBLE_EQ(kept.overhead.value(), 0.003);
  EXPECT_EQ(kept.kept, kNow);
  EXPECT_NE(kept.thumbnail.find("boxes"), std::string::npos);
}

TEST(KeptProfile, WhatIsGivenNamesTheServiceAndFillsWhatTheProfileDoesNotSay) {
  Giving giving;
  giving.service = "cart";
  giving.labels = {{"git_commit", "abcdef0"}, {"branch", "next"}, {"region", "eu"}};
  giving.taken = Time(std::chrono::seconds(1'600'000'000));
  giving.by = "ci";
  const Profile profile = fixture::StackWriter().add("main", 1).finish();
  const KeptProfile kept = describe(imported(profile), "x", giving, kNow).value();
  EXPECT_EQ(kept.service, "cart");
  EXPECT_EQ(kept.commit, "abcdef0");
  EXPECT_EQ(kept.branch, "next");
  EXPECT_EQ(kept.taken, *giving.taken);
  EXPECT_EQ(kept.kept_by, "ci");
  EXPECT_FALSE(kept.overhead);
  EXPECT_EQ(to_json(kept)["labels"]["region"].as_string(), "eu");
  EXPECT_TRUE(to_json(kept)["overhead"].is_null());
  EXPECT_EQ(describe(imported(profile), "x", {}, kNow)->service, "unknown");
  EXPECT_EQ(describe(imported(profile), "x", {}, kNow)->taken, kNow);
}

TEST(KeptProfile, TheServiceIsTheProcessThatMostWasMeasuredIn) {
  fixture::StackWriter writer;
  writer.add("main@/usr/bin/env", 1);
  for (const auto& [process, count] : {std::pair{"env", 2}, {"python3", 5}, {"sh", 3}}) {
    ProfileBuilder& builder = writer.builder();
    const std::int64_t values[] = {count, count * fixture::kPeriod_ns};
    builder.add({1, builder.thread({1, count, {}, builder.string(process)}), 0, -1}, values);
  }
  EXPECT_EQ(describe(imported(writer.finish()), "x", {}, kNow)->service, "python3");
}

TEST(KeptProfile, WordsAreNoCommit) {
  for (const std::string_view text : {"main", "abc", "0123456789abcdefg", ""}) {
    fixture::StackWriter writer;
    writer.add("main", 1).annotate("git.commit", std::string(text));
    EXPECT_EQ(describe(imported(writer.finish()), "x", {}, kNow)->commit, "") << text;
  }
}

TEST(KeptProfile, TextThatNoStoreTakesIsShownByItsOctets) {
  fixture::StackWriter writer;
  writer.add("main", 1).annotate("host", std::string("a\0b\x1b[31m\xff", 9));
  EXPECT_EQ(describe(imported(writer.finish()), "x", {}, kNow)->host, "a\\x00b\\x1b[31m\\xff");
}

TEST(KeptProfile, WithoutSamplesThereIsNothingToKeep) {
  EXPECT_EQ(describe(imported(fixture::StackWriter().finish()), "x", {}, kNow).error().kind,
            ErrorKind::bad_input);
}

TEST(KeptProfile, NamesAreLinesOfText) {
  const ImportedProfile profile = imported(fixture::StackWriter().add("main", 1).finish());
  Giving giving;
  for (const std::string& name : {std::string("a\nb"), std::string(201, 'x'), std::string("\xff")}) {
    giving.service = name;
    EXPECT_EQ(describe(profile, "x", giving, kNow).error().kind, ErrorKind::bad_input) << name;
  }
  giving = {};
  giving.labels.assign(kMaxLabels + 1, {"a", "b"});
  EXPECT_EQ(describe(profile, "x", giving, kNow).error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace signalbox::profile
