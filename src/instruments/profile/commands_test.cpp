// The commands report, diff and check, from words to what they print.
#include "instruments/profile/commands.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/cli/parser.hpp"
#include "core/cli/progress.hpp"
#include "core/evidence/recorder.hpp"
#include "instruments/profile/agent/control_socket.hpp"
#include "instruments/profile/agent_folder.hpp"
#include "instruments/profile/analysis/fixture.hpp"
#include "instruments/profile/analysis/predicates.hpp"
#include "instruments/profile/formats/format.hpp"

namespace signalbox::profile {
namespace {

class ProfileCommands : public ::testing::Test {
 protected:
  ProfileCommands() {
    root_.name = "profile";
    root_.commands = {report_command(), diff_command(), check_command(), agent_command()};
    workspace_.root = folder_.path();
    workspace_.state = folder_.path() / ".signalbox";
    workspace_.name = "shop";
  }

  std::string write(const std::string& name, const Profile& profile) {
    const std::string path = (folder_.path() / name).string();
    EXPECT_TRUE(write_file_atomically(path, write_profile(profile, ProfileFormat::pprof).value()));
    return path;
  }
  std::string run_of(const std::string& name, int parse, int print) {
    return write(name, fixture::StackWriter()
                           .add("main@/bin/app;parse@/bin/app", parse)
                           .add("main@/bin/app;print@/bin/app", print)
                           .finish());
  }

  Result<cli::Outcome> run(const std::vector<std::string>& words, bool record = false) {
    auto request = cli::parse(root_, words);
    if (!request) return fail(request.error());
    const SystemClock clock;
    cli::BarProgress progress(cli::ProgressStyle::none);
    cli::Context context{workspace_, clock, progress};
    context.record = record;
    context.say = [&](std::string_view line) { said_ += std::string(line) + "\n"; };
    return request->command->run(request->arguments, context);
  }
  Report report(const std::vector<std::string>& words) {
    auto outcome = run(words);
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
    return outcome ? std::get<Report>(*outcome) : Report{};
  }
  std::string artifact(const std::vector<std::string>& words) {
    auto outcome = run(words);
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
    return outcome ? std::get<cli::Artifact>(*outcome).octets : std::string();
  }
  Error error(const std::vector<std::string>& words) {
    auto outcome = run(words);
    EXPECT_FALSE(outcome);
    return outcome ? Error{} : outcome.error();
  }

  TemporaryDirectory folder_;
  Workspace workspace_;
  cli::Command root_;
  std::string said_;
};

TEST_F(ProfileCommands, ReportShowsATableOfWhatAFilterLeaves) {
  const std::string file = run_of("a.pb.gz", 30, 70);
  EXPECT_EQ(report({"report", file}).data["rows"].items()[0]["function"].as_string(), "print");
  const Report focused = report({"report", file, "--focus", "^parse$", "--cum", "--top", "1"});
  EXPECT_EQ(focused.data["totals"]["samples"].as_integer(), 30);
  EXPECT_EQ(report({"report", file, "--cum"}).data["rows"].items()[0]["function"].as_string(), "main");
  EXPECT_EQ(focused.tables[0].rows.size(), 2U);
}

TEST_F(ProfileCommands, ReportWritesOtherFormatsByNameOrByEnding) {
  const std::string file = run_of("a.pb.gz", 30, 70);
  const std::string folded = artifact({"report", file, "--format", "folded", "--hide", "main"});
  EXPECT_NE(folded.find("parse 30"), std::string::npos) << folded;
  const std::string pprof = artifact({"report", file, "-o", "x.pb.gz"});
  EXPECT_EQ(read_profile(pprof).value().total(0), 100);
  const std::string speedscope = artifact({"report", file, "--format", "json", "-o", "x.speedscope.json"});
  EXPECT_NE(speedscope.find("speedscope.app/file-format-schema.json"), std::string::npos);
  EXPECT_EQ(error({"report", file, "--format", "folded", "-o", "x.svg"}).message,
            "--format folded and the ending of x.svg disagree: that is flamegraph");
}

TEST_F(ProfileCommands, FlameGraphsAreDrawnOfOneAndOfTwo) {
  const std::string base = run_of("a.pb.gz", 30, 70);
  const std::string fresh = run_of("b.pb.gz", 60, 70);
  for (const std::string& svg : {artifact({"report", base, "-o", "x.svg"}),
                                 artifact({"diff", base, fresh, "--format", "flamegraph"})}) {
    EXPECT_NE(svg.find("<svg"), std::string::npos);
    EXPECT_NE(svg.find("parse"), std::string::npos);
  }
  for (const std::string& page :
       {artifact({"report", base, "-o", "x.html"}), artifact({"diff", base, fresh, "--format", "html"})})
    EXPECT_NE(page.find("<html"), std::string::npos);
}

TEST_F(ProfileCommands, ReportRefusesWhatLeavesNothingAndWhatIsNoProfile) {
  const std::string file = run_of("a.pb.gz", 30, 70);
  EXPECT_EQ(error({"report", file, "--focus", "nothing"}).kind, ErrorKind::bad_input);
  EXPECT_EQ(error({"report", file, "--focus", "("}).message,
            "--focus: `(` is no regular expression: missing ): (");
  EXPECT_EQ(error({"report", file, "--slice", "1s-2s"}).kind, ErrorKind::bad_input);
  EXPECT_EQ(error({"report", file, "--value", "wall"}).hint, "it has samples, cpu");
  EXPECT_EQ(error({"report", file, "--top", "0"}).kind, ErrorKind::bad_input);
  EXPECT_EQ(error({"report", file, "--tid", "x"}).kind, ErrorKind::bad_input);
  EXPECT_EQ(error({"report", (folder_.path() / "absent").string()}).kind, ErrorKind::not_found);
  ASSERT_TRUE(write_file_atomically(folder_.path() / "noise", "\x01\x02\x03"));
  const Error noise = error({"report", (folder_.path() / "noise").string()});
  EXPECT_EQ(noise.kind, ErrorKind::bad_input);
  EXPECT_NE(noise.message.find("noise: "), std::string::npos) << noise.message;
}

// What `go tool pprof -traces` leaves of a profile: stacks, root first, with their counts.
std::vector<std::pair<std::string, std::int64_t>> traces_of(const std::vector<std::string>& options,
                                                            const std::string& file) {
  std::vector<std::string> argv = {
      "go", "tool", "pprof", "-traces", "-sample_index=samples", "-symbolize=none"};
  argv.insert(argv.end(), options.begin(), options.end());
  argv.push_back(file);
  const ProcessResult result = run_process(argv).value();
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  std::map<std::string, std::int64_t> stacks;
  std::string stack;
  std::int64_t count = 0;
  const auto close = [&] {
    if (!stack.empty()) stacks[stack] += count;
    stack.clear();
  };
  for (const std::string_view line : lines(result.output)) {
    if (line.starts_with("-----------+")) {
      close();
      continue;
    }
    const std::string_view number = trim(line.substr(0, std::min<std::size_t>(11, line.size())));
    if (line.size() < 12 || line[0] != ' ' || line.substr(0, 12).find(':') != std::string_view::npos)
      continue;  // a heading, or a label
    if (const auto first = parse_integer(number)) count = *first;
    std::string name(trim(line.substr(11)));
    if (const std::size_t note = name.find(" (inline)"); note != std::string::npos) name.resize(note);
    stack = stack.empty() ? name : name + ";" + stack;
  }
  close();
  return {stacks.begin(), stacks.end()};
}

std::vector<std::pair<std::string, std::int64_t>> merged(const Profile& profile) {
  std::map<std::string, std::int64_t> stacks;
  for (const auto& [stack, count] : fixture::stacks_of(profile)) stacks[stack] += count;
  return {stacks.begin(), stacks.end()};
}

// The same options on the same profiles, by pprof itself.
TEST_F(ProfileCommands, FiltersLeaveWhatPprofLeaves) {
  if (!find_program("go")) GTEST_SKIP() << "no go: apt-get install golang";
  const std::string file =
      write("shop.pb.gz", fixture::StackWriter()
                              .add("main@/bin/app;serve@/bin/app;parse@/bin/app;digit@/bin/app+", 4)
                              .add("main@/bin/app;serve@/bin/app;read@/lib/libc.so.6", 3)
                              .add("main@/bin/app;serve@/bin/app;serve@/bin/app;parse@/bin/app", 5)
                              .add("main@/bin/app;serve@/bin/app", 2)
                              .add("idle@/bin/app", 1)
                              .finish());
  const std::vector<std::vector<std::string>> cases = {
      {"focus", "parse"},
      {"focus", "libc"},
      {"ignore", "parse"},
      {"ignore", "^serve$"},
      {"hide", "serve"},
      {"hide", "libc"},
      {"hide", "^(idle|main)$"},
      {"show-from", "serve"},
      {"show-from", "libc"},
      {"show-from", "x"},
      {"hide", "parse|digit"},
      {"focus", "(?i)PARSE"},
      {"focus", "serve", "hide", "serve"},
      {"hide", "serve", "show-from", "serve|parse"},
      {"focus", "parse", "ignore", "digit", "show-from", "serve"}};
  for (const std::vector<std::string>& words : cases) {
    std::vector<std::string> of_pprof;
    std::vector<std::string> ours = {"report", file, "--format", "pprof"};
    for (std::size_t i = 0; i < words.size(); i += 2) {
      const std::string name = words[i] == "show-from" ? "show_from" : words[i];
      of_pprof.push_back("-" + name + "=" + words[i + 1]);
      ours.push_back("--" + words[i]);
      ours.push_back(words[i + 1]);
    }
    const auto outcome = run(ours);
    const auto left = outcome ? merged(read_profile(std::get<cli::Artifact>(*outcome).octets).value())
                              : std::vector<std::pair<std::string, std::int64_t>>{};
    EXPECT_EQ(left, traces_of(of_pprof, file)) << join(words, " ");
  }
}

// A function counts once a stack there too, and totals are the same.
TEST_F(ProfileCommands, TheTableIsThatOfPprof) {
  if (!find_program("go")) GTEST_SKIP() << "no go: apt-get install golang";
  const std::string file = write("walk.pb.gz", fixture::StackWriter()
                                                   .add("main;walk;walk;leaf", 3)
                                                   .add("main;walk;other;walk", 2)
                                                   .add("main", 5)
                                                   .finish());
  const ProcessResult result =
      run_process({"go", "tool", "pprof", "-top", "-sample_index=samples", "-symbolize=none", file}).value();
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const Report ours = report({"report", file, "--value", "samples"});
  int rows = 0;
  for (const std::string_view line : lines(result.output)) {
    std::istringstream in{std::string(line)};
    std::string flat, flat_share, sum, cumulative, cumulative_share, name;
    if (!(in >> flat >> flat_share >> sum >> cumulative >> cumulative_share >> name) || !parse_integer(flat))
      continue;
    const auto& all = ours.data["rows"].items();
    const auto row = std::find_if(all.begin(), all.end(),
                                  [&](const Json& each) { return each["function"].as_string() == name; });
    ASSERT_NE(row, all.end()) << name;
    EXPECT_EQ((*row)["self"]["samples"].as_integer(), *parse_integer(flat)) << name;
    EXPECT_EQ((*row)["cumulative"]["samples"].as_integer(), *parse_integer(cumulative)) << name;
    ++rows;
  }
  EXPECT_EQ(rows, 4) << result.output;
}

TEST_F(ProfileCommands, DiffComparesByWorkWhereItIsTold) {
  const std::string base = run_of("base.pb.gz", 300, 700);
  const std::string fresh = run_of("new.pb.gz", 600, 1'400);
  EXPECT_EQ(report({"diff", base, fresh}).data["normalization"].as_string(), "samples");
  const Report by_work = report({"diff", base, fresh, "--work", "10"});
  EXPECT_NE(by_work.summary.find("+100.0 %"), std::string::npos) << by_work.summary;
  EXPECT_EQ(error({"diff", base, fresh, "--normalize", "work"}).kind, ErrorKind::bad_input);
  EXPECT_EQ(error({"diff", base, fresh, "--work", "1", "--work-new", "2"}).kind, ErrorKind::bad_input);
  const Profile both =
      read_profile(artifact({"diff", base, fresh, "--format", "pprof", "--normalize", "none"})).value();
  EXPECT_EQ(both.total(0), 1'000);
  EXPECT_EQ(error({"diff", base, fresh, "-o", "x.folded"}).message, "a difference is not written as folded");
}

// Its own difference, and what it says of the profile that has the base below zero.
TEST_F(ProfileCommands, DifferencesAreThoseOfPprof) {
  if (!find_program("go")) GTEST_SKIP() << "no go: apt-get install golang";
  const std::string base = write(
      "base.pb.gz",
      fixture::StackWriter().add("main;parse", 300).add("main;print", 700).add("main;old", 40).finish());
  const std::string fresh =
      write("new.pb.gz", fixture::StackWriter().add("main;parse", 390).add("main;print;flush", 690).finish());
  const std::string both = (folder_.path() / "both.pb.gz").string();
  ASSERT_TRUE(write_file_atomically(
      both, artifact({"diff", base, fresh, "--format", "pprof", "--normalize", "none"})));
  const Report ours = report({"diff", base, fresh, "--normalize", "none", "--value", "samples"});
  const std::vector<std::vector<std::string>> asked = {{"-diff_base=" + base, fresh}, {both}};
  for (const std::vector<std::string>& words : asked) {
    std::vector<std::string> argv = {
        "go", "tool", "pprof", "-top", "-sample_index=samples", "-symbolize=none"};
    argv.insert(argv.end(), words.begin(), words.end());
    const ProcessResult result = run_process(argv).value();
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    int rows = 0;
    for (const std::string_view line : lines(result.output)) {
      std::istringstream in{std::string(line)};
      std::string flat, flat_share, sum, cumulative, cumulative_share, name;
      if (!(in >> flat >> flat_share >> sum >> cumulative >> cumulative_share >> name) ||
          !parse_integer(flat))
        continue;
      const auto& all = ours.data["functions"].items();
      const auto row = std::find_if(all.begin(), all.end(),
                                    [&](const Json& each) { return each["function"].as_string() == name; });
      ASSERT_NE(row, all.end()) << name;
      EXPECT_EQ((*row)["self"]["change"], Json(*parse_integer(flat))) << name;
      EXPECT_EQ((*row)["cumulative"]["change"], Json(*parse_integer(cumulative))) << name;
      ++rows;
    }
    EXPECT_EQ(rows, 5) << result.output;
  }
}

TEST_F(ProfileCommands, CheckNamesTheRegressionAndEndsWithOne) {
  std::vector<std::string> words = {"check"};
  for (int i = 0; i < 3; ++i) words.push_back(run_of("base" + std::to_string(i), 300 + i, 700 - i));
  words.emplace_back("--");
  std::vector<std::string> same = words;
  for (int i = 0; i < 3; ++i) {
    words.push_back(run_of("new" + std::to_string(i), 360 + i, 700 - i));
    same.push_back(run_of("same" + std::to_string(i), 301 - i, 699 + i));
  }
  words.insert(words.begin() + 1, {"--work", "10"});
  same.insert(same.begin() + 1, {"--work", "10"});
  const Report slower = report(words);
  EXPECT_EQ(slower.verdict, Verdict::fail);
  EXPECT_NE(slower.summary.find("parse (app): self cost +"), std::string::npos) << slower.summary;
  EXPECT_EQ(report(same).verdict, Verdict::pass);
  words.insert(words.begin() + 1, {"--fail-on", "never"});
  EXPECT_EQ(report(words).verdict, Verdict::warn);
}

TEST_F(ProfileCommands, CheckWantsBothSides) {
  const std::string file = run_of("a.pb.gz", 30, 70);
  EXPECT_EQ(error({"check", file}).kind, ErrorKind::bad_input);
  EXPECT_EQ(error({"check", file, file, file}).kind, ErrorKind::bad_input);
  EXPECT_EQ(error({"check", file, "--"}).kind, ErrorKind::bad_input);
  EXPECT_EQ(error({"check", "--", file}).kind, ErrorKind::bad_input);
  EXPECT_EQ(error({"check", file, "--", (folder_.path() / "absent").string()}).kind, ErrorKind::not_found);
  EXPECT_EQ(error({"check", file, file, "--work", "-3"}).kind, ErrorKind::bad_input);
  EXPECT_EQ(report({"check", file, file}).verdict, Verdict::pass);
}

TEST_F(ProfileCommands, CheckReadsBudgetsOfTheWorkspaceAndTellsTheirPlace) {
  const std::string file = run_of("a.pb.gz", 300, 700);
  const auto yaml = folder_.path() / "signalbox.yaml";
  workspace_.file = yaml;
  ASSERT_TRUE(
      write_file_atomically(yaml, "profile:\n  budgets:\n    functions:\n      parse: {max_share: 0.1}\n"));
  const Report over = report({"check", file, file});
  EXPECT_EQ(over.verdict, Verdict::fail);
  EXPECT_EQ(over.summary, "over budget: 1 limit; composition only");
  ASSERT_TRUE(write_file_atomically(yaml, "profile:\n  budgets:\n    function: {}\n"));
  EXPECT_NE(error({"check", file, file}).message.find("signalbox.yaml:3:5"), std::string::npos);
}

TEST_F(ProfileCommands, CheckRecordsItsVerdictAboutTheArtifact) {
  const std::string file = run_of("a.pb.gz", 300, 700);
  ::setenv("XDG_DATA_HOME", (folder_.path() / "data").c_str(), 1);
  auto outcome = run({"check", file, file}, true);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(std::get<Report>(*outcome).data["recorded"].as_integer(-1), 0);
  const SystemClock clock;
  auto book = evidence::EvidenceBook::open_existing(workspace_, clock, "");
  ::unsetenv("XDG_DATA_HOME");
  ASSERT_TRUE(book) << book.error().message;
}

TEST_F(ProfileCommands, WhatAnAgentDoesNotDoIsAnError) {
  ASSERT_TRUE(make_directories(agent_folder(workspace_).ring));
  auto control = ControlSocket::listen(agent_folder(workspace_).control);
  ASSERT_TRUE(control);
  std::atomic<bool> is_done{false};
  std::thread agent([&] {
    while (!is_done) {
      control->answer([](std::string_view) { return std::string("{\"error\":\"no such word\"}"); });
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  const Error error = this->error({"agent", "pause"});
  is_done = true;
  agent.join();
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_EQ(error.message, "the agent did not pause: no such word");
}

}  // namespace
}  // namespace signalbox::profile
