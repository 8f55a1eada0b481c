// What a repository says about itself, on files written by hand; and the section that is made from it, which
// our own reader takes with and without its comments.
#include "instruments/train/schedule/survey.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "instruments/train/policy.hpp"
#include "instruments/train/schedule/first_section.hpp"

namespace signalbox::train::schedule {
namespace {

using Names = std::vector<std::string>;

TEST(Survey, JobsOfAWorkflowAreNamedAsCheckRunsAre) {
  EXPECT_EQ(jobs_of_workflow(
                "on: push\njobs:\n  build:\n    runs-on: x\n  test:\n    name: unit tests\n"
                "  many:\n    strategy: {matrix: {os: [a, b]}}\n  odd:\n    name: ${{ github.ref }}\n"),
            (Names{"build", "unit tests"}));
  EXPECT_EQ(jobs_of_workflow("jobs: [1, 2]"), Names{});
  EXPECT_EQ(jobs_of_workflow("jobs: {a: &x {}, b: *x"), Names{});
}

TEST(Survey, JobsOfGitlabAreWhatRuns) {
  EXPECT_EQ(
      jobs_of_gitlab("stages: [test]\nvariables: {A: b}\n.base:\n  script: [x]\nunit:\n  script: [make]\n"
                     "deploy:\n  extends: .base\ndefault:\n  script: [x]\nimage: debian\n"),
      (Names{"unit", "deploy"}));
}

TEST(Survey, GithubIsKnownByTheAddress) {
  for (const char* url : {"https://github.com/acme/shop.git", "git@github.com:acme/shop.git",
                          "ssh://git@github.com/acme/shop", "https://github.com/acme/shop/"})
    EXPECT_EQ(github_repository(url), "acme/shop") << url;
  for (const char* url :
       {"https://gitlab.com/acme/shop", "https://github.com/acme", "git@github.com:acme/shop/x",
        "https://github.com/a c/shop", "https://github.com.example.org/acme/shop", ""})
    EXPECT_EQ(github_repository(url), "") << url;
}

Status read_as_policy(const std::string& octets) {
  const auto root = config::parse_yaml(octets, "signalbox.yaml");
  if (!root) return fail(root.error());
  const auto policy = parse_policy((*root)["train"], [](const std::string& path) -> Result<std::string> {
    return fail(ErrorKind::not_found, path);
  });
  if (!policy) return fail(policy.error());
  return {};
}

std::string uncommented(const std::string& text) {
  std::string out;
  for (const std::string_view line : lines(text)) {
    const std::size_t hash = line.find_first_not_of(' ');
    const bool is_value = hash != std::string_view::npos && line.substr(hash).starts_with("# ") &&
                          (line.find(": ") != std::string_view::npos || line.ends_with(':')) &&
                          !(line[hash + 2] >= 'A' && line[hash + 2] <= 'Z');
    out += is_value ? std::string(hash, ' ') + std::string(line.substr(hash + 2)) : std::string(line);
    out += '\n';
  }
  return out;
}

TEST(FirstSection, IsReadByOurOwnReaderAlsoUncommented) {
  Survey seen;
  seen.releases = 4;
  seen.last_release = "v1.3.0";
  seen.packages = {"packages/core", "packages/web", "libs/core"};
  seen.ci_file = ".github/workflows/ci.yml";
  seen.jobs = {"build", "unit \"fast\" tests"};
  seen.github = "acme/shop";
  for (const Survey& one : {Survey{}, seen}) {
    for (const char* cadence : {"continuous", "daily", "weekly", "monthly", "pi"}) {
      const std::string text = first_section(one, cadence);
      const Status plain = read_as_policy(text);
      EXPECT_TRUE(plain) << plain.error().message << "\n" << text;
      const Status whole = read_as_policy(uncommented(text));
      EXPECT_TRUE(whole) << whole.error().message << "\n" << uncommented(text);
    }
  }
  const auto root = config::parse_yaml(uncommented(first_section(seen, "weekly")), "x");
  ASSERT_TRUE(root) << root.error().message;
  const config::Node train = (*root)["train"];
  EXPECT_EQ(train["cadence"]["preset"].text().value(), "weekly");
  EXPECT_EQ(train["packages"].members().size(), 2U);
  ASSERT_EQ(train["gates"].items().size(), 3U);
  EXPECT_EQ(train["gates"].items()[1]["repository"].text().value(), "acme/shop");
  EXPECT_EQ(train["gates"].items()[1]["jobs"].texts().value(), seen.jobs);
  EXPECT_EQ(train["canary"]["initial"].integer().value(), 5);
}

TEST(Survey, LooksAtFilesAndTags) {
  const TemporaryDirectory folder;
  const auto& root = folder.path();
  const auto git = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-c", "user.name=a", "-c", "user.email=a@a"});
    ProcessOptions options;
    options.directory = root;
    const auto ran = run_process(words, options);
    EXPECT_TRUE(ran && ran->exit_code == 0) << (ran ? ran->errors : "");
  };
  for (const char* file :
       {"packages/core/package.json", "packages/web/package.json", "packages/notes/README.md"}) {
    std::filesystem::create_directories((root / file).parent_path());
    ASSERT_TRUE(write_file_atomically(root / file, "{}\n"));
  }
  std::filesystem::create_directories(root / ".github/workflows");
  ASSERT_TRUE(write_file_atomically(root / ".github/workflows/ci.yml", "jobs: {test: {}}\n"));
  ASSERT_TRUE(write_file_atomically(root / ".github/workflows/broken.yml", "jobs: [\n"));
  // Its name would end the comment that it is written into.
  ASSERT_TRUE(write_file_atomically(root / ".github/workflows/a\n  policy_ref: a.yml", "jobs: {odd: {}}\n"));
  git({"init", "-q"});
  git({"remote", "add", "origin", "git@github.com:acme/shop.git"});
  git({"commit", "-q", "--allow-empty", "-m", "feat: x"});
  git({"tag", "v1.0.0"});
  git({"tag", "v1.1.0-rc.1"});
  const auto seen = survey(*find_workspace(root));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->packages, (Names{"packages/core", "packages/web"}));
  EXPECT_EQ(seen->jobs, Names{"test"});
  EXPECT_EQ(seen->ci_file, ".github/workflows/ci.yml");
  EXPECT_EQ(seen->github, "acme/shop");
  EXPECT_EQ(seen->last_release, "v1.0.0");
  EXPECT_EQ(seen->releases, 1U);
  EXPECT_EQ(seen->cadence, "");
  EXPECT_FALSE(seen->has_changelog);
}

}  // namespace
}  // namespace signalbox::train::schedule
