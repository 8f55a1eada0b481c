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

TEST(PackageScope, OfAllPackagesAtOnceIsThatOfEachAlone) {
  git::History history;
  const int root =
      history.commit({"feat: all", {}, 1, "A <a@a>", {{"core/a", "1"}, {"web/a", "1"}, {"x.proto", "1"}}});
  const int core = history.commit({"fix: core", {root}, 2, "A <a@a>", {{"core/a", "2"}, {"core/b", "2"}}});
  const int both =
      history.commit({"fix: both", {core}, 3, "A <a@a>", {{"web/b", "2"}, {"core/c.proto", "2"}}});
  const int none = history.commit({"docs: none", {both}, 4, "A <a@a>", {{"README", "2"}}});
  history.branch("main", none);
  const git::ScratchRepository scratch(history);
  Settings settings;
  settings.packages = {
      {"core", {"core"}}, {"web", {"web/**"}}, {"wire", {"**/*.proto", "*.proto"}}, {"empty", {"e"}}};
  const git::Repository repository = scratch.open();
  const std::vector<std::string> range = {scratch.id(none)};
  const auto scopes = read_scopes(repository, range, settings);
  ASSERT_TRUE(scopes) << scopes.error().message;
  ASSERT_EQ(scopes->size(), settings.packages.size());
  for (const auto& [name, scope] : *scopes) {
    const PackageScope alone = read_scope(repository, range, settings, name).value();
    for (const int commit : {root, core, both, none})
      EXPECT_EQ(scope.has(scratch.id(commit)), alone.has(scratch.id(commit))) << name << " " << commit;
  }
  EXPECT_TRUE(scopes->at("wire").has(scratch.id(both)));
  EXPECT_FALSE(scopes->at("web").has(scratch.id(core)));
  EXPECT_FALSE(scopes->at("empty").has(scratch.id(root)));
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
