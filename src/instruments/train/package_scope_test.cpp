#include "instruments/train/package_scope.hpp"

#include <gtest/gtest.h>

#include "core/config/config.hpp"
#include "core/git/scratch_repository.hpp"
#include "instruments/train/plan.hpp"

namespace signalbox::train {
namespace {

TEST(PackageScope, APathIsInAPackageByGlobOrBelowAFolder) {
  EXPECT_TRUE(is_in_package({"packages/core"}, "packages/core/a/b.ts"));
  EXPECT_TRUE(is_in_package({"packages/core"}, "packages/core"));
  EXPECT_FALSE(is_in_package({"packages/core"}, "packages/core-js/a.ts"));
  EXPECT_TRUE(is_in_package({"x", "**/*.proto"}, "deep/down/a.proto"));
  EXPECT_FALSE(is_in_package({"packages/*/src"}, "packages/a/test/src"));
}

TEST(PackageScope, WhatTouchesNothingOfThePackageIsExcludedAndCounted) {
  git::History history;
  const int root = history.commit({"feat: both", {}, 1, "A <a@a>", {{"core/a", "1"}, {"web/a", "1"}}});
  const int core = history.commit({"fix: core", {root}, 2, "A <a@a>", {{"core/a", "2"}}});
  const int web = history.commit({"feat!: web", {core}, 3, "A <a@a>", {{"web/a", "2"}}});
  history.branch("main", web);
  const git::ScratchRepository scratch(history);
  Settings settings;
  settings.packages["core"] = {"core"};
  const git::Repository repository = scratch.open();
  const auto scope = read_scope(repository, {scratch.id(web)}, settings, "core");
  ASSERT_TRUE(scope) << scope.error().message;
  EXPECT_TRUE(scope->has(scratch.id(root)));
  EXPECT_TRUE(scope->has(scratch.id(core)));
  EXPECT_FALSE(scope->has(scratch.id(web)));
  EXPECT_TRUE(read_scope(repository, {scratch.id(web)}, settings, "other")->has(scratch.id(web)));
  std::vector<git::Commit> commits;
  ASSERT_TRUE(repository.log({"HEAD"}, git::Order::topological,
                             [&](git::Commit&& commit) { commits.push_back(std::move(commit)); }));
  const Manifest manifest = make_manifest(commits, 3, settings, *scope);
  EXPECT_EQ(manifest.proof(), "3 commits = 2 in sections + 0 unclassified + 1 excluded by rule");
  ASSERT_EQ(manifest.excluded.size(), 1u);
  EXPECT_EQ(manifest.excluded[0].rule, Exclusion::elsewhere);
  EXPECT_EQ(manifest.excluded[0].commit.subject, "web");
}

TEST(PackageScope, TheConfigurationIsReadOrRefusedWithItsPlace) {
  const auto parse = [](const char* text) { return parse_settings(config::parse_yaml(text, "f").value()); };
  const auto settings = parse("packages:\n  core: core\n  web: [web/**, shared]\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->packages.at("core"), std::vector<std::string>{"core"});
  EXPECT_EQ(settings->packages.at("web").size(), 2u);
  for (const char* bad : {"packages: 7\n", "packages:\n  a: /abs\n", "packages:\n  a: [../b]\n",
                          "packages:\n  a: []\n", "packages:\n  a: [b/]\n"}) {
    const auto refused = parse(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_TRUE(refused.error().message.starts_with("f:")) << refused.error().message;
  }
}

}  // namespace
}  // namespace signalbox::train
