#include "commands/init/init.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/config/config.hpp"
#include "core/config/workspace.hpp"

namespace signalbox {
namespace {

ProcessResult init_in(const std::filesystem::path& folder, std::vector<std::string> more = {}) {
  std::vector<std::string> words = {(testing::build_directory() / "lib/signalbox/signalbox-init").string()};
  words.insert(words.end(), more.begin(), more.end());
  ProcessOptions options;
  options.directory = folder;
  const auto ran = run_process(words, options);
  return ran ? *ran : ProcessResult{-1, "", ran.error().message};
}

TEST(Init, ItsFileIsReadByOurOwnReaderAndKeepsTheName) {
  for (const std::string name :
       {"plain", "yes", "1.0", "a: b", "quote \" and \\", "naïve — 東京", "- # [x"}) {
    const auto node = config::parse_yaml(init::configuration(name), "signalbox.yaml");
    ASSERT_TRUE(node) << name << ": " << node.error().message;
    EXPECT_EQ((*node)["name"].text().value(), name);
    EXPECT_EQ((*node)["evidence"]["record"].text().value(), "on-request");
  }
}

TEST(Init, ItsExamplesAreValidOnceUncommented) {
  std::string text;
  const std::string written = init::configuration("x");
  bool train = false;
  for (std::size_t at = 0; at < written.size();) {
    const std::size_t end = written.find('\n', at);
    const std::string line = written.substr(at, end - at);
    at = end + 1;
    train = train || line == "# train:";
    if (train) text += line.substr(std::min<std::size_t>(2, line.size())) + "\n";
  }
  const auto node = config::parse_yaml(text, "train");
  ASSERT_TRUE(node) << node.error().message;
  const auto gates = (*node)["train"]["gates"].items();
  ASSERT_EQ(gates.size(), 1U);
  EXPECT_EQ(gates[0]["max_age"].duration().value(), std::chrono::hours(7 * 24));
  EXPECT_TRUE((*node)["train"]["freeze"].items().at(0)["end"].time());
}

TEST(Init, WritesAtTheTopOfTheRepositoryAndSaysWhatIsNext) {
  const TemporaryDirectory folder;
  ASSERT_EQ(run_process({"git", "init", "-q", (folder.path() / "engine").string()})->exit_code, 0);
  std::filesystem::create_directories(folder.path() / "engine/deep/er");
  const ProcessResult ran = init_in(folder.path() / "engine/deep/er");
  EXPECT_EQ(ran.exit_code, 0) << ran.errors;
  EXPECT_NE(ran.output.find("signalbox train check"), std::string::npos) << ran.output;
  EXPECT_EQ(find_workspace(folder.path() / "engine/deep")->name, "engine");
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "engine/signalbox.yaml"));
}

TEST(Init, NeverReplacesAFileEvenABrokenOne) {
  const TemporaryDirectory folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "signalbox.yaml", "name: [broken\n"));
  const ProcessResult ran = init_in(folder.path());
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_NE(ran.errors.find("is there already"), std::string::npos) << ran.errors;
  EXPECT_EQ(*read_file(folder.path() / "signalbox.yaml"), "name: [broken\n");
}

TEST(Init, RefusesANameOfSeveralLines) {
  const TemporaryDirectory folder;
  EXPECT_EQ(init_in(folder.path(), {"--name", "a\nb"}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "signalbox.yaml"));
}

}  // namespace
}  // namespace signalbox
