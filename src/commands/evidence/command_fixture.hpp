// For tests: a workspace and a home of their own, and the commands of `signalbox evidence` run in them as a
// user runs them, from the words typed to text and exit code.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/instrument.hpp"
#include "core/base/file.hpp"
#include "core/cli/parser.hpp"

namespace signalbox::evidence_command {

// What a command came to.
struct Ran {
  int code = 0;
  std::string text;  // report, artifact, or error and hint
  Json data;         // of a report
};

class CommandTest : public ::testing::Test {
 protected:
  CommandTest() {
    ::setenv("XDG_DATA_HOME", (folder_.path() / "home").c_str(), 1);
    workspace_.root = folder_.path() / "work";
    workspace_.state = workspace_.root / ".signalbox";
    workspace_.name = "work";
    std::filesystem::create_directories(workspace_.root);
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  // Without waiting for the disk, as thousands of them are written.
  std::string write(const std::string& name, std::string_view octets) const {
    std::ofstream(path(name), std::ios::binary) << octets;
    return path(name);
  }

  Ran run(const std::vector<std::string>& words) {
    const auto request = cli::parse(program_.command, words);
    if (!request) return failed(request.error());
    cli::Context context{workspace_, clock_, progress_};
    context.store = store_;
    context.say = [this](std::string_view line) { said_ += std::string(line) + "\n"; };
    auto outcome = request->command->run(request->arguments, context);
    if (!outcome) return failed(outcome.error());
    if (const auto* artifact = std::get_if<cli::Artifact>(&*outcome)) return {0, artifact->octets, {}};
    const Report& report = std::get<Report>(*outcome);
    return {report.verdict == Verdict::fail ? 1 : 0, render_text(report, {}), report.data};
  }
  // The artifact of a command that must succeed.
  std::string made(const std::vector<std::string>& words) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.code, 0) << ran.text;
    return ran.text;
  }
  // Records a document about `subject`.
  void record(const std::string& document, const std::string& subject) {
    const std::string file = write("document.json", document);
    const Ran ran = run({"add", "json", file, "--subject", subject});
    ASSERT_EQ(ran.code, 0) << ran.text;
  }

  TemporaryDirectory folder_;
  Workspace workspace_;
  FixedClock clock_{Time(Duration(1'750'000'000'000))};
  std::string store_;  // --store
  std::string said_;   // on standard error meanwhile

 private:
  class Silent final : public cli::Progress {
    void update(std::uint64_t, std::uint64_t, std::string_view) override {}
    void finish() override {}
  };
  static Ran failed(const Error& error) {
    return {exit_code(error.kind), error.message + (error.hint.empty() ? "" : "\n" + error.hint), {}};
  }
  const Instrument program_ = instrument();
  Silent progress_;
};

inline const std::string kSubject = "gitCommit:" + std::string(40, 'a');

inline std::string flip(std::string octets, std::size_t bit) {
  octets[bit / 8] = static_cast<char>(octets[bit / 8] ^ (1 << bit % 8));
  return octets;
}

}  // namespace signalbox::evidence_command
