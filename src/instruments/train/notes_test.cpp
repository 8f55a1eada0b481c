#include "instruments/train/notes.hpp"

#include <gtest/gtest.h>

#include "core/git/scratch_repository.hpp"
#include "instruments/train/lint.hpp"

namespace signalbox::train {
namespace {

ReleaseNotes example() {
  std::vector<git::Commit> commits(3);
  commits[0] = {std::string(40, 'a'), {}, {"Ada", ""}, 0, 0, "feat(x): a <b> in `<c>`"};
  commits[1] = {std::string(40, 'b'), {}, {"Bob", ""}, 0, 0, "fix!: d\n\nBREAKING CHANGE: e"};
  commits[2] = {std::string(40, 'c'), {}, {"Cy", ""}, 0, 0, "odd"};
  return {"1.2.0", "v1.2.0", "v1.1.0", 86'400, make_manifest(commits, 3, {})};
}

TEST(Notes, TheSameCommitsGiveTheSameNotes) {
  EXPECT_EQ(write_notes(example(), NotesForm::plain),
            "## 1.2.0 (1970-01-02)\n\n"
            "### Breaking changes\n\n- d (bbbbbbb, Bob)\n  - e\n\n"
            "### Features\n\n- **x:** a &lt;b> in `<c>` (aaaaaaa, Ada)\n\n"
            "### Unclassified\n\n- odd (ccccccc, Cy)\n\n"
            "<!-- 3 commits = 2 in sections + 1 unclassified + 0 excluded by rule -->\n");
}

TEST(Notes, KeepAChangelogAndGitHubHaveTheirOwnForms) {
  const std::string kept = write_notes(example(), NotesForm::keep_a_changelog);
  EXPECT_TRUE(kept.starts_with("## [1.2.0] - 1970-01-02\n\n### Added\n\n- **x:** a")) << kept;
  EXPECT_NE(kept.find("### Changed\n\n- **Breaking.** d"), std::string::npos) << kept;
  const std::string github = write_notes(example(), NotesForm::github);
  EXPECT_NE(github.find("* **x:** a &lt;b> in `<c>` by Ada in aaaaaaa"), std::string::npos) << github;
  EXPECT_NE(github.find("**Full changelog**: v1.1.0...v1.2.0"), std::string::npos) << github;
}

constexpr const char* kChangelog =
    "# Changelog\n\nBy hand.\n\n## [Unreleased]\n\n- mine\n\n## [1.0.0] - 2020-01-01\n\n- old\n";

TEST(Changelog, NotesStandBeforeTheNewestVersionAndTheRestIsUntouched) {
  const std::string once = prepend_notes(kChangelog, "1.1.0", "## [1.1.0]\n\n- new\n").value();
  EXPECT_EQ(once,
            "# Changelog\n\nBy hand.\n\n## [Unreleased]\n\n- mine\n\n"
            "<!-- signalbox: notes of 1.1.0 -->\n## [1.1.0]\n\n- new\n<!-- signalbox: end of notes -->\n\n"
            "## [1.0.0] - 2020-01-01\n\n- old\n");
  const std::string again = prepend_notes(once, "1.1.0", "## [1.1.0]\n\n- newer\n").value();
  EXPECT_EQ(again.find("- new\n"), std::string::npos);
  EXPECT_NE(again.find("- newer\n"), std::string::npos);
  EXPECT_EQ(again.size(), once.size() + 2);
  const std::string next = prepend_notes(again, "1.2.0", "## [1.2.0]\n").value();
  EXPECT_LT(next.find("notes of 1.2.0"), next.find("notes of 1.1.0"));
}

TEST(Changelog, AFileOfWindowsKeepsItsLineBreaks) {
  const std::string out = prepend_notes("# Changelog\r\n\r\n## 1.0.0\r\n", "1.1.0", "## [1.1.0]\n").value();
  for (std::size_t at = 0; (at = out.find('\n', at)) != std::string::npos; ++at) EXPECT_EQ(out[at - 1], '\r');
}

TEST(Changelog, AStrayCarriageReturnAtTheEndDoesNotChangeTheLineBreaks) {
  for (const char* text : {"# C\n\nodd\r", "odd\r", "# C\r\n\r\nodd\n"}) {
    const std::string once = prepend_notes(text, "1.1.0", "## [1.1.0]\n").value();
    EXPECT_TRUE(once.starts_with(text));
    EXPECT_EQ(prepend_notes(once, "1.1.0", "## [1.1.0]\n").value(), once);
  }
}

TEST(Changelog, BrokenMarkersAreRefusedWithTheirLine) {
  const auto broken = prepend_notes("# C\n<!-- signalbox: notes of 1.0.0 -->\n## 1.0.0\n", "1.1.0", "x");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().kind, ErrorKind::bad_input);
  EXPECT_TRUE(broken.error().message.starts_with("2:1:")) << broken.error().message;
  EXPECT_EQ(prepend_notes("# C\n## [1.1.0]\nby hand\n", "1.1.0", "x").error().kind, ErrorKind::conflict);
}

TEST(Changelog, ThePatchAppliesWithGit) {
  const git::ScratchRepository scratch{git::History()};
  ASSERT_TRUE(write_file_atomically(scratch.path() / "CHANGELOG.md", kChangelog));
  scratch.git({"apply", "--unidiff-zero", "-"},
              notes_patch(kChangelog, "CHANGELOG.md", "## [1.1.0]\n\n- new\n"));
  EXPECT_EQ(read_file(scratch.path() / "CHANGELOG.md").value(),
            "# Changelog\n\nBy hand.\n\n## [Unreleased]\n\n- mine\n\n## [1.1.0]\n\n- new\n\n"
            "## [1.0.0] - 2020-01-01\n\n- old\n");
}

TEST(Changelog, AnEntryIsFoundUnderItsVersionOrUnreleased) {
  EXPECT_EQ(find_entry(kChangelog, "1.0.0"), ChangelogEntry::version);
  EXPECT_EQ(find_entry(kChangelog, "2.0.0"), ChangelogEntry::unreleased);
  EXPECT_EQ(find_entry("# C\n\n## Unreleased\n\n### Added\n\n## v1.0.0\n\n- a\n", "2.0.0"),
            ChangelogEntry::none);
  EXPECT_EQ(find_entry("# C\n\n## v1.0.0 (2020)\n", "1.0.0"), ChangelogEntry::version);
  EXPECT_EQ(find_entry("", "1.0.0"), ChangelogEntry::none);
}

TEST(Lint, AMessageIsJudgedWithItsPlaceAndAProposal) {
  const auto findings = lint_message("\nAdd a thing\n\nbreaking change: b\n", "f", {});
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].rule, "train/unclassified-commit");
  EXPECT_EQ(findings[0].location->line, 2);
  EXPECT_EQ(findings[0].location->column, 4);
  EXPECT_EQ(findings[0].remedy, "perhaps `feat: Add a thing`");
  EXPECT_EQ(findings[1].rule, "train/breaking-unread");
  EXPECT_EQ(findings[1].location->line, 4);
  EXPECT_EQ(lint_message("faet: a", "f", {})[0].remedy, "did you mean `feat`?");
  for (const char* good : {"feat: a\n", "Merge branch 'a'\n", "Revert \"a\"\n", "v1.2.3\n"})
    EXPECT_TRUE(lint_message(good, "f", {}).empty()) << good;
}

TEST(Lint, CommentsOfTheEditorAreNoPartOfTheMessage) {
  EXPECT_EQ(without_comments("feat: a\n# b\n# ------------------------ >8 ------------------------\nc"),
            "feat: a\n\n");
}

}  // namespace
}  // namespace signalbox::train
