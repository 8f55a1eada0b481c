#include <gtest/gtest.h>

#include "commands/completion/man.hpp"
#include "commands/completion/shells.hpp"
#include "commands/completion/tree.hpp"
#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace signalbox::completion {
namespace {

// Two programs with what is awkward in shells and roff: quotes, colons, dollars, a leading dot, letters
// beyond ASCII.
Tree tree() {
  cli::Command plan;
  plan.name = "plan";
  plan.summary = "Say what's aboard: \"all\" of `it` $HOME";
  plan.details = ".dots and 'quotes' start lines\n'here — too\\n";
  plan.options = {{"-b,--base", "TAG", "the tag to start from", {}, false},
                  {"--bump", "LEVEL", "which part rises", {"major", "minor", "patch"}, false},
                  {"--all", "", "everything", {}, false}};
  plan.positionals = {{"RANGE", "commits", cli::Positional::Count::optional}};
  plan.formats = {"md", "keepachangelog"};
  cli::Command check;
  check.name = "check";
  check.summary = "Decide";
  cli::Command train;
  train.name = "train";
  train.summary = "Decide whether a release departs";
  train.commands = {plan, check};
  cli::Command evidence;
  evidence.name = "evidence";
  evidence.summary = "Keep the ledger";
  Tree out;
  out.commands = {evidence, train};
  out.common = {{"--format", "NAME", "how the result is written", {}, false},
                {"--json", "", "the same as --format json", {}, false},
                {"-C", "DIR", "run there", {}, false}};
  return out;
}

std::string run(const std::vector<std::string>& words, const std::string& input = {}) {
  ProcessOptions options;
  options.input = input;
  const auto ran = run_process(words, options);
  if (!ran) return "did not run: " + ran.error().message;
  return ran->exit_code == 0 && ran->errors.empty() ? ran->output : "failed: " + ran->errors + ran->output;
}

// What bash offers for these words, the last one being completed.
std::string bash(const std::string& words, int at) {
  return run({"bash", "-c",
              bash_script(tree()) + "\nCOMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(at) +
                  "; _signalbox; echo \"${COMPREPLY[*]}\""});
}

TEST(BashCompletion, OffersWhatFitsTheWordsBefore) {
  EXPECT_EQ(bash("signalbox ''", 1), "evidence train\n");
  EXPECT_EQ(bash("signalbox tr", 1), "train\n");
  EXPECT_EQ(bash("signalbox train ''", 2), "plan check\n");
  EXPECT_EQ(bash("signalbox -C /tmp train p", 4), "plan\n");
  EXPECT_EQ(bash("signalbox train plan --b", 3), "--base --bump\n");
  EXPECT_EQ(bash("signalbox train plan --bump m", 4), "major minor\n");
  EXPECT_EQ(bash("signalbox train plan --format ''", 4), "md keepachangelog\n");
  EXPECT_EQ(bash("signalbox train check --format j", 4), "json junit\n");
  EXPECT_EQ(bash("signalbox train plan ''", 3), "\n");
}

// What fish offers, with its real completion engine.
std::string fish(const std::string& line) {
  return run({"fish", "--no-config", "-c", fish_script(tree()) + "\ncomplete -C" + quote_posix(line)});
}

TEST(FishCompletion, OffersWhatFitsTheWordsBefore) {
  EXPECT_EQ(fish("signalbox tr"), "train\tDecide whether a release departs\n");
  EXPECT_EQ(fish("signalbox train pl"), "plan\tSay what's aboard: \"all\" of `it` $HOME\n");
  EXPECT_EQ(fish("signalbox train plan --bump ma"), "major\twhich part rises\n");
  EXPECT_EQ(fish("signalbox train plan --al"), "--all\teverything\n");
  EXPECT_EQ(fish("signalbox -C /tmp train ch"), "check\tDecide\n");
}

// What zsh would be told to offer: its own `_describe` needs a terminal, so a stand-in prints the list that
// it is given.
std::string zsh(const std::string& words, int at) {
  return run({"zsh", "-f", "-c",
              "_describe() { local list=${@[-1]}; print -rl -- ${(P)list}; }; _files() { print files; }\n" +
                  zsh_script(tree()) + "\nwords=(" + words + "); CURRENT=" + std::to_string(at) +
                  "; _signalbox"});
}

TEST(ZshCompletion, OffersWhatFitsTheWordsBefore) {
  EXPECT_EQ(zsh("signalbox ''", 2), "evidence:Keep the ledger\ntrain:Decide whether a release departs\n");
  EXPECT_EQ(zsh("signalbox train ''", 3), "plan:Say what's aboard\\: \"all\" of `it` $HOME\ncheck:Decide\n");
  EXPECT_EQ(zsh("signalbox train plan --bump ''", 5), "major\nminor\npatch\n");
  EXPECT_EQ(zsh("signalbox train plan ''", 4), "files\n");
  EXPECT_NE(zsh("signalbox train plan -", 4).find("--base:the tag to start from\n"), std::string::npos);
}

TEST(ManPage, GroffPrintsItWithoutAWarning) {
  for (const Page& page : man_pages(tree())) {
    const TemporaryDirectory folder;
    ASSERT_TRUE(write_file_atomically(folder.path() / page.file, page.roff));
    const auto ran = run_process(
        {"groff", "-Tutf8", "-P-cbou", "-man", "-ww", "-rLL=100n", (folder.path() / page.file).string()});
    ASSERT_TRUE(ran) << ran.error().message;
    EXPECT_EQ(ran->errors, "") << page.file << "\n" << page.roff;
    EXPECT_EQ(ran->exit_code, 0);
    EXPECT_NE(ran->output.find("EXIT STATUS"), std::string::npos);
  }
}

TEST(ManPage, ShowsTextThatLooksLikeRoffAsItIs) {
  const auto pages = man_pages(tree());
  const std::string shown = run({"groff", "-Tutf8", "-man", "-P-cbou"}, pages.at(2).roff);
  EXPECT_NE(shown.find(".dots and 'quotes' start lines"), std::string::npos) << shown;
  EXPECT_NE(shown.find("'here — too\\n"), std::string::npos) << shown;
}

TEST(Tree, ReadsBackWhatAProgramSaysOfItself) {
  const auto read = command_from(cli::describe(tree().commands.at(1)));
  ASSERT_TRUE(read);
  EXPECT_EQ(cli::describe(*read).dump(), cli::describe(tree().commands.at(1)).dump());
}

TEST(Tree, LeavesOutProgramsThatDescribeNothing) {
  const TemporaryDirectory folder;
  const auto add = [&](const std::string& name, const std::string& body) {
    ASSERT_TRUE(write_file_atomically(folder.path() / name, "#!/bin/sh\n" + body + "\n", 0755));
  };
  add("signalbox-good", R"(echo '{"name":"good","summary":"is good"}')");
  add("signalbox-fails", "exit 3");
  add("signalbox-noise", "echo hello");
  add("other", R"(echo '{"name":"other"}')");
  const auto read = read_tree(folder.path());
  ASSERT_TRUE(read);
  ASSERT_EQ(read->commands.size(), 1U);
  EXPECT_EQ(read->commands[0].name, "good");
  EXPECT_EQ(read_tree(folder.path() / "absent").error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace signalbox::completion
