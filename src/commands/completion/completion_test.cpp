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

// A zsh with its own completion system on a terminal of its own (zsh/zpty). Each argument is typed, then Tab,
// then Ctrl-X, which a widget of the test answers with the line as it then is; what the terminal showed on
// the way comes before it. Control sequences are taken out.
constexpr std::string_view kZshTerminal = R"zsh(
zmodload zsh/zpty && setopt extendedglob
zpty terminal "env -i PATH=$PATH HOME=$HOME TERM=xterm COLUMNS=200 LINES=50 LANG=C.UTF-8 zsh -f -i"
zpty -w terminal "unsetopt promptsp; autoload -Uz compinit && compinit -u -D && source $1"
zpty -w terminal "report() { print -rn -- '<'\"\$BUFFER>\"; BUFFER= }; zle -N report; bindkey '^X' report; bindkey '^I' complete-word; PS1='rea''dy: '"
zpty -r -m terminal shown '*ready: *'
shift
for line; do
  zpty -w -n terminal $line$'\t\x18'
  zpty -r -m terminal shown '*<*>*'
  shown=${shown//$'\e'\[[0-9;?]#[a-zA-Z]/}
  print -r -- ${shown//[$'\r\a']/}
done
zpty -d terminal
)zsh";

std::string zsh(const std::vector<std::string>& lines) {
  const TemporaryDirectory folder;
  const std::string script = folder.path() / "completion.zsh";
  if (!write_file_atomically(script, zsh_script(tree()))) return "the script cannot be written";
  std::vector<std::string> words = {"zsh", "-f", "-c", std::string(kZshTerminal), "zsh", script};
  words.insert(words.end(), lines.begin(), lines.end());
  return run(words);
}

TEST(ZshCompletion, CompletesWhatFitsTheWordsBefore) {
  const std::string shown =
      zsh({"signalbox tr", "signalbox train pl", "signalbox -C /tmp train ch", "signalbox train plan --al",
           "signalbox train plan --bump ma", "signalbox train check --format jso",
           "signalbox train plan /etc/hostn", "signalbox train plan --bump /etc/hostn"});
  for (const std::string_view line :
       {"<signalbox train >", "<signalbox train plan >", "<signalbox -C /tmp train check >",
        "<signalbox train plan --all >", "<signalbox train plan --bump major >",
        "<signalbox train check --format json >", "<signalbox train plan /etc/hostname >",
        "<signalbox train plan --bump /etc/hostn>"})
    EXPECT_NE(shown.find(line), std::string::npos) << line << " in\n" << shown;
}

TEST(ZshCompletion, ListsWhatIsLeftOpenWithItsMeaning) {
  const std::string shown =
      zsh({"signalbox ", "signalbox train ", "signalbox train plan --b", "signalbox train plan --bump m"});
  for (const std::string_view choice :
       {"evidence  -- Keep the ledger", "train     -- Decide whether a release departs",
        "plan   -- Say what's aboard: \"all\" of `it` $HOME", "check  -- Decide",
        "--base  -- the tag to start from", "--bump  -- which part rises", "major  minor"})
    EXPECT_NE(shown.find(choice), std::string::npos) << choice << " in\n" << shown;
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
