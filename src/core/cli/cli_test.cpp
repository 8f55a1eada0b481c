#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/cli/parser.hpp"
#include "core/cli/progress.hpp"

namespace signalbox::cli {
namespace {

// A program with one command of each outcome. What a command saw is the title of its report.
Command program() {
  Command plan;
  plan.name = "plan";
  plan.summary = "Plan";
  plan.options = {{"-b,--base", "TAG", "from here", {}, false},
                  {"--bump", "LEVEL", "which part", {"major", "minor", "patch"}, false},
                  {"--gate", "NAME", "this gate", {}, true},
                  {"--all", "", "everything", {}, false}};
  plan.positionals = {{"RANGE", "commits", Positional::Count::one},
                      {"MORE", "more", Positional::Count::optional}};
  plan.run = [](const Arguments& arguments, Context& context) -> Result<Outcome> {
    Report report;
    report.instrument = "train";
    report.title = arguments.get_or("--base", "none") + " in " + context.workspace.name;
    report.summary = context.record ? "recorded" : "not recorded";
    report.verdict = arguments.has("--all") ? Verdict::fail : Verdict::pass;
    return report;
  };
  Command notes;
  notes.name = "notes";
  notes.summary = "Notes";
  notes.formats = {"md", "json"};
  notes.run = [](const Arguments& arguments, Context&) -> Result<Outcome> {
    return Artifact{std::string("\0raw ", 5) + *arguments.get("--format")};
  };
  const auto failing = [](std::string name, ErrorKind kind) {
    Command command;
    command.name = std::move(name);
    command.run = [kind](const Arguments&, Context&) -> Result<Outcome> {
      return fail(kind, "it \x1b[2J broke", "mend it");
    };
    return command;
  };
  Command unanswered;
  unanswered.name = "unanswered";
  unanswered.run = [](const Arguments&, Context&) -> Result<Outcome> {
    Report report;
    report.title = "what is known";
    return Unanswered{report, {ErrorKind::unavailable, "no data", "measure"}};
  };
  Command throws;
  throws.name = "throws";
  throws.run = [](const Arguments&, Context&) -> Result<Outcome> { throw std::runtime_error("oh no"); };
  // Writes its product itself, and ends as another program did.
  Command files;
  files.name = "files";
  files.options = {{"--format", "NAME", "what to write", {}, true}};
  files.output = Command::Output::own_files;
  files.run = [](const Arguments& arguments, Context&) -> Result<Outcome> {
    Report report;
    report.title = join(arguments.all("--format"), "+") + " to " + arguments.get_or("--output", "");
    return Relayed{report, 7};
  };
  Command proof;
  proof.name = "proof";
  proof.formats = {"tlog-proof"};
  proof.run = [](const Arguments&, Context&) -> Result<Outcome> {
    Report report;
    report.summary = "nothing proves it";
    report.verdict = Verdict::fail;
    return report;
  };
  Command root;
  root.name = "train";
  root.summary = "Trains";
  root.commands = {plan,
                   notes,
                   failing("absent", ErrorKind::not_found),
                   failing("down", ErrorKind::unavailable),
                   unanswered,
                   throws,
                   files,
                   proof};
  return root;
}

Result<Request> parsed(const std::vector<std::string>& words) {
  static const Command root = program();
  return parse(root, words);
}

// The program in a child of this process, in `folder`, with its streams in files.
ProcessResult run(const std::filesystem::path& folder, std::vector<std::string> words) {
  const TemporaryDirectory streams;
  words.insert(words.begin(), "signalbox-train");
  const pid_t child = ::fork();
  if (child == 0) {
    const bool ready = ::chdir(folder.c_str()) == 0 &&
                       std::freopen((streams.path() / "out").c_str(), "w", stdout) != nullptr &&
                       std::freopen((streams.path() / "err").c_str(), "w", stderr) != nullptr;
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    const int code = ready ? run_program(program(), static_cast<int>(argv.size()), argv.data()) : 99;
    std::fflush(nullptr);
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          read_file(streams.path() / "out").value_or(""), read_file(streams.path() / "err").value_or("")};
}

TEST(Parse, OptionsStandAnywhereAndTakeTheirValues) {
  const auto request =
      parsed({"-C", "plan", "--json", "plan", "v1..v2", "--base=v1", "--gate", "a", "--gate", "b", "-q"});
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->path, (std::vector<std::string>{"train", "plan"}));
  EXPECT_EQ(request->arguments.get("-C"), "plan");
  EXPECT_EQ(request->arguments.get("--base"), "v1");
  EXPECT_EQ(request->arguments.all("--gate"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(request->arguments.positionals(), (std::vector<std::string>{"v1..v2"}));
  EXPECT_TRUE(request->arguments.has("--json"));
  EXPECT_TRUE(request->arguments.has("--quiet"));
  EXPECT_FALSE(request->arguments.has("--all"));
}

TEST(Parse, AfterTwoDashesEverythingIsAnArgument) {
  const auto request = parsed({"plan", "--", "--base", "--help"});
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_FALSE(request->help);
  EXPECT_EQ(request->arguments.positionals(), (std::vector<std::string>{"--base", "--help"}));
}

TEST(Parse, TellsWhatStoodBeforeTwoDashes) {
  EXPECT_EQ(parsed({"plan", "--", "a", "b"})->arguments.separator_, 0U);
  EXPECT_EQ(parsed({"plan", "a", "--all", "--", "b"})->arguments.separator_, 1U);
  EXPECT_FALSE(parsed({"plan", "a"})->arguments.separator_);
}

// As `signalbox profile`: a program to run, or a command.
TEST(Parse, AnotherProgramKeepsItsOwnOptions) {
  Command top;
  top.name = "top";
  Command profile;
  profile.name = "profile";
  profile.options = {{"--rate", "HZ", "how often", {}, false}};
  profile.positionals = {{"PROGRAM", "what to run", Positional::Count::program}};
  profile.commands = {top};
  const auto words_of = [&](const std::vector<std::string>& given) {
    const auto request = parse(profile, given);
    return request ? join(request->path, " ") + ": " + join(request->arguments.positionals(), " ")
                   : request.error().message;
  };
  EXPECT_EQ(words_of({"--rate", "9", "./app", "--rate", "5", "--help"}), "profile: ./app --rate 5 --help");
  EXPECT_EQ(words_of({"sh", "-c", "true"}), "profile: sh -c true");
  EXPECT_EQ(words_of({"--", "top", "-b"}), "profile: top -b");
  EXPECT_EQ(words_of({"top"}), "profile top: ");
  EXPECT_EQ(words_of({"toop"}), "signalbox profile: no command `toop`");
}

// As `signalbox queries plan`: a file to read, or a command.
TEST(Parse, ACommandWithCommandsHasArgumentsToo) {
  Command diff;
  diff.name = "diff";
  Command plan;
  plan.name = "plan";
  plan.options = {{"--rate", "HZ", "how often", {}, false}};
  plan.positionals = {{"PLAN", "what to read", Positional::Count::optional}};
  plan.commands = {diff};
  const auto words_of = [&](const std::vector<std::string>& given) {
    const auto request = parse(plan, given);
    return request ? join(request->path, " ") + ": " + join(request->arguments.positionals(), " ")
                   : request.error().message;
  };
  EXPECT_EQ(words_of({"plan.json"}), "plan: plan.json");
  EXPECT_EQ(words_of({"--rate", "9", "-"}), "plan: -");
  EXPECT_EQ(words_of({"plan.json", "--rate", "9"}), "plan: plan.json");
  EXPECT_EQ(words_of({"diff"}), "plan diff: ");
  EXPECT_EQ(words_of({"--", "diff"}), "plan: diff");
  EXPECT_EQ(words_of({}), "plan: ");
}

TEST(Parse, AnArgumentMayBeCalledLikeACommand) {
  const auto request = parsed({"plan", "notes", "plan"});
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->command->name, "plan");
  EXPECT_EQ(request->arguments.positionals(), (std::vector<std::string>{"notes", "plan"}));
}

TEST(Parse, SlipsOfTheFingersAreAnsweredWithTheNearestWord) {
  const auto hint = [](const std::vector<std::string>& words) {
    const auto request = parsed(words);
    return request ? "parsed" : request.error().hint;
  };
  EXPECT_EQ(hint({"paln", "x"}), "did you mean `signalbox train plan`?");
  EXPECT_EQ(hint({"plan", "x", "--bsae", "v1"}), "did you mean `--base`?");
  EXPECT_EQ(hint({"plan", "x", "--fromat=json"}), "did you mean `--format`?");
  EXPECT_EQ(hint({"plan", "x", "--bump", "mjor"}), "did you mean `major`?");
  EXPECT_EQ(hint({"nothing-like-it"}),
            "commands are: plan, notes, absent, down, unanswered, throws, files, proof");
}

TEST(Parse, MissingAndSurplusWordsAreNamed) {
  EXPECT_EQ(parsed({"plan"}).error().message, "signalbox train plan: RANGE is missing");
  EXPECT_EQ(parsed({"plan", "a", "b", "c"}).error().message, "signalbox train plan: unexpected argument `c`");
  EXPECT_EQ(parsed({"plan", "a", "--base"}).error().kind, ErrorKind::bad_input);
  EXPECT_TRUE(parsed({"plan", "--help"})->help);
}

TEST(RunProgram, ExitCodesAreThoseOfTheVerdictAndTheErrorsKind) {
  const TemporaryDirectory folder;
  EXPECT_EQ(run(folder.path(), {"plan", "x"}).exit_code, 0);
  EXPECT_EQ(run(folder.path(), {"plan", "x", "--all"}).exit_code, 1);
  EXPECT_EQ(run(folder.path(), {"absent"}).exit_code, 2);
  EXPECT_EQ(run(folder.path(), {"down"}).exit_code, 3);
  EXPECT_EQ(run(folder.path(), {"throws"}).exit_code, 4);
  EXPECT_EQ(run(folder.path(), {}).exit_code, 2);
  EXPECT_EQ(run(folder.path(), {"plan", "--help"}).exit_code, 0);
  EXPECT_EQ(run(folder.path(), {"-C", "/nowhere", "plan", "x"}).exit_code, 2);
}

TEST(RunProgram, AnErrorIsPrintedWithItsHintAndObeyedByNoTerminal) {
  const TemporaryDirectory folder;
  const ProcessResult ran = run(folder.path(), {"absent"});
  EXPECT_EQ(ran.output, "");
  EXPECT_EQ(ran.errors, "error: it \\x1b[2J broke\nhint: mend it\n");
  EXPECT_NE(run(folder.path(), {"throws"}).errors.find("bug in Signalbox"), std::string::npos);
}

TEST(RunProgram, AReportWithoutAnAnswerIsDrawnAndItsWantIsTheExitCode) {
  const TemporaryDirectory folder;
  const ProcessResult result = run(folder.path(), {"unanswered"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.output.find("what is known"), std::string::npos);
  EXPECT_EQ(result.errors, "error: no data\nhint: measure\n");
}

TEST(RunProgram, ACommandThatWritesFilesKeepsItsOptionsForThem) {
  const TemporaryDirectory folder;
  const ProcessResult result =
      run(folder.path(), {"files", "--format", "svg", "--format", "pprof", "-o", "x.svg"});
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_NE(result.output.find("svg+pprof to x.svg"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "x.svg"));
  EXPECT_TRUE(parse_json(run(folder.path(), {"files", "--json"}).output));
}

TEST(RunProgram, AnArtifactIsWrittenAsItIs) {
  const TemporaryDirectory folder;
  EXPECT_EQ(run(folder.path(), {"notes"}).output, std::string("\0raw md", 7));
  EXPECT_EQ(run(folder.path(), {"notes", "--json"}).output, std::string("\0raw json", 9));
  EXPECT_EQ(run(folder.path(), {"notes", "--format", "html"}).exit_code, 2);
}

TEST(RunProgram, WhereThereIsNoArtifactAReportSaysWhyAndTheFileStays) {
  const TemporaryDirectory folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "kept", "a proof of before"));
  const ProcessResult result = run(folder.path(), {"proof", "-o", "kept"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(*read_file(folder.path() / "kept"), "a proof of before");
  EXPECT_NE(result.errors.find("nothing proves it"), std::string::npos) << result.errors;
  const ProcessResult piped = run(folder.path(), {"proof"});
  EXPECT_EQ(piped.output, "") << "whoever reads it would take it for a proof";
  EXPECT_NE(piped.errors.find("nothing proves it"), std::string::npos) << piped.errors;
}

TEST(RunProgram, TheOutputFilesEndingChoosesTheFormat) {
  const TemporaryDirectory folder;
  ASSERT_EQ(run(folder.path(), {"plan", "x", "-o", "r.json"}).exit_code, 0);
  EXPECT_TRUE(parse_json(*read_file(folder.path() / "r.json")));
  ASSERT_EQ(run(folder.path(), {"plan", "x", "-o", "r.html"}).exit_code, 0);
  EXPECT_NE(read_file(folder.path() / "r.html")->find("<html"), std::string::npos);
  ASSERT_EQ(run(folder.path(), {"plan", "x", "-o", "r.json", "--format", "text"}).exit_code, 0);
  EXPECT_FALSE(parse_json(*read_file(folder.path() / "r.json")));
}

TEST(RunProgram, ADeviceIsWrittenToAndNeverReplaced) {
  const TemporaryDirectory folder;
  EXPECT_EQ(run(folder.path(), {"plan", "x", "-o", "/dev/null"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_EQ(run(folder.path(), {"plan", "x", "-o", "/dev/full"}).exit_code, 3);
  EXPECT_EQ(run(folder.path(), {"plan", "x", "-o", folder.path()}).exit_code, 2);
}

TEST(RunProgram, RecordsWhereTheConfigurationAlwaysDoes) {
  const TemporaryDirectory folder;
  EXPECT_NE(run(folder.path(), {"plan", "x"}).output.find("not recorded"), std::string::npos);
  ASSERT_TRUE(
      write_file_atomically(folder.path() / "signalbox.yaml", "name: engine\nevidence:\n  record: always\n"));
  const std::string output = run(folder.path(), {"plan", "x"}).output;
  EXPECT_EQ(output.find("not recorded"), std::string::npos);
  EXPECT_NE(output.find("none in engine"), std::string::npos);
  ASSERT_TRUE(write_file_atomically(folder.path() / "signalbox.yaml", "evidence:\n  record: sometimes\n"));
  const ProcessResult refused = run(folder.path(), {"plan", "x"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.errors.find("signalbox.yaml:2:11"), std::string::npos) << refused.errors;
}

TEST(RunProgram, DescribesItsCommands) {
  const TemporaryDirectory folder;
  const auto tree = parse_json(run(folder.path(), {"--describe"}).output);
  ASSERT_TRUE(tree);
  EXPECT_EQ((*tree)["name"].as_string(), "train");
  EXPECT_EQ((*tree)["commands"].items().at(0)["options"].items().at(1)["choices"].size(), 3U);
  EXPECT_GT((*tree)["common_options"].size(), 5U);
}

TEST(RunProgram, ColourIsForTerminalsThatWantIt) {
  // script(1) gives the program a terminal; `notes` aside, the test program is not behind a door, so the
  // front door's init is asked.
  const std::string init = (testing::build_directory() / "lib/signalbox/signalbox-init").string();
  if (!std::filesystem::exists(init)) GTEST_SKIP() << "signalbox-init is not built";
  const auto output = [&](const std::string& variables) {
    const TemporaryDirectory folder;
    return run_process({"script", "-qec", "cd " + folder.path().string() + " && " + variables + " " + init,
                        "/dev/null"})
        ->output;
  };
  EXPECT_NE(output("TERM=xterm env -u NO_COLOR").find("\x1b["), std::string::npos);
  EXPECT_EQ(output("TERM=xterm NO_COLOR=1").find("\x1b["), std::string::npos);
  EXPECT_EQ(output("TERM=dumb").find("\x1b["), std::string::npos);
}

TEST(Progress, SaysHowMuchHowFastAndHowLong) {
  EXPECT_EQ(progress_line(250, 1000, "commits", std::chrono::seconds(5)),
            "━━━━━┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ 250 of 1000 commits  25%  50/s  15s left");
  EXPECT_EQ(progress_line(250, 0, "commits", std::chrono::seconds(5)), "250 commits  50/s");
  EXPECT_EQ(progress_line(0, 10, "\x1b[1mx", std::chrono::milliseconds(0)).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace signalbox::cli
