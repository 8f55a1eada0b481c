// The layers of the house, read from the #include lines of every source.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"

namespace {

namespace fs = std::filesystem;

// The parts of core that a part may include, besides itself and base.
const std::map<std::string, std::vector<std::string>, std::less<>> kCore = {
    {"base", {}},
    {"calendar", {}},
    {"stats", {}},
    {"template", {}},
    {"proto", {}},
    {"config", {}},
    {"report", {}},
    {"store", {}},
    {"git", {}},
    {"cli", {"config", "report"}},
    {"evidence", {"config", "report", "store", "git"}},
    {"gates", {"calendar", "config", "report", "store", "git", "evidence"}},
    {"http", {"config", "report", "store", "cli"}},
    {"remote", {"config", "store", "evidence", "http"}},
    {"recording", {"cli", "config", "evidence", "git", "remote", "report"}},
    {"console", {"cli", "config", "http", "store", "report"}},
};

// Libraries that one place alone may see, because of what they cost to compile or because they are to be
// replaceable. The first line that fits counts.
struct Private {
  std::string_view header;  // as the include line starts
  std::string_view where;   // as the path starts
};
constexpr Private kPrivate[] = {{"CLI/", "src/core/cli/"},
                                {"yaml-cpp/", "src/core/config/"},
                                {"boost/math/", "src/core/stats/"},
                                {"boost/", "src/core/http/"},
                                {"curl/", "src/core/http/"},
                                {"sqlite3.h", "src/core/store/"},
                                {"libpq-fe.h", "src/core/store/"},
                                {"simdjson.h", "src/core/base/"},
                                {"jq.h", "src/core/gates/evaluator/"},
                                {"jv.h", "src/core/gates/evaluator/"},
                                {"seccomp.h", "src/core/gates/"},
                                {"libdeflate.h", "src/core/"},
                                {"re2/", "src/instruments/profile/analysis/"},
                                {"pg_query.h", "src/instruments/queries/sql/"},
                                {"nlohmann/", "nowhere"}};

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> out;
  for (const std::string_view part : signalbox::split(path, '/')) out.emplace_back(part);
  return out;
}

bool is_test(std::string_view path) {
  return path.ends_with("_test.cpp");
}

// Why `path` (from the checkout, "src/…") may not include `header`; empty where it may.
std::string objection(const std::string& path, const std::string& header) {
  const auto owned = std::find_if(std::begin(kPrivate), std::end(kPrivate),
                                  [&](const Private& library) { return header.starts_with(library.header); });
  if (owned != std::end(kPrivate) && !path.starts_with(owned->where) && !is_test(path))
    return "only " + std::string(owned->where) + " sees " + std::string(owned->header);
  const std::vector<std::string> from = parts_of(path);
  const std::vector<std::string> to = parts_of(header);
  if (from.size() < 3 || to.size() < 3 || from[0] != "src") return {};
  const std::string& layer = from[1];
  if (layer == "core") {
    if (to[0] == "instruments" || to[0] == "commands" || to[0] == "engines") return "core knows no " + to[0];
    if (to[0] != "core" || to[1] == from[2] || to[1] == "base" || is_test(path)) return {};
    const auto allowed = kCore.find(from[2]);
    if (allowed == kCore.end())
      return "core/" + from[2] + " has no place in the layers: give it one in tests/layers_test.cpp";
    if (std::find(allowed->second.begin(), allowed->second.end(), to[1]) == allowed->second.end())
      return "core/" + from[2] + " is below core/" + to[1];
    return {};
  }
  if (layer == "engines" && (to[0] == "instruments" || to[0] == "commands"))
    return "engines know no " + to[0];
  if (layer == "instruments" && to[0] == "commands") return "an instrument knows no command";
  // Core commands are few and may share; of them, serve alone links the instruments.
  if (to[0] == "instruments" && to[1] != from[2] && !(layer == "commands" && from[2] == "serve")) {
    return "what two of them need lives in core, or travels as evidence";
  }
  return {};
}

std::vector<std::string> includes_of(std::string_view source) {
  std::vector<std::string> out;
  for (std::string_view line : signalbox::lines(source)) {
    line = signalbox::trim(line);
    if (!line.starts_with("#include")) continue;
    const std::size_t open = line.find_first_of("\"<");
    const std::size_t close = line.find_first_of("\">", open + 1);
    if (open != std::string_view::npos && close != std::string_view::npos)
      out.emplace_back(line.substr(open + 1, close - open - 1));
  }
  return out;
}

}  // namespace

TEST(Layers, EverySourceIncludesOnlyWhatItStandsOn) {
  const fs::path root = signalbox::testing::source_directory();
  int read = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root / "src")) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cpp" && extension != ".hpp") continue;
    const std::string path = fs::relative(entry.path(), root).string();
    ++read;
    for (const std::string& header : includes_of(signalbox::read_file(entry.path()).value())) {
      EXPECT_EQ(objection(path, header), "") << path << " includes " << header;
    }
  }
  EXPECT_GT(read, 50);
}

TEST(Layers, WhatBreaksThemIsSeen) {
  EXPECT_NE(objection("src/core/base/text.cpp", "core/report/report.hpp"), "");
  EXPECT_NE(objection("src/core/store/blob.cpp", "core/evidence/ledger.hpp"), "");
  EXPECT_NE(objection("src/core/gates/gate.cpp", "instruments/train/plan.hpp"), "");
  EXPECT_NE(objection("src/instruments/train/plan.cpp", "instruments/slo/budget.hpp"), "");
  EXPECT_NE(objection("src/instruments/train/plan.cpp", "commands/serve/serve.hpp"), "");
  EXPECT_NE(objection("src/commands/init/init.cpp", "instruments/train/plan.hpp"), "");
  EXPECT_NE(objection("src/commands/init/init.cpp", "CLI/CLI.hpp"), "");
  EXPECT_NE(objection("src/instruments/train/plan.cpp", "boost/asio.hpp"), "");
  EXPECT_NE(objection("src/core/stats/beta.cpp", "boost/asio.hpp"), "");
  EXPECT_EQ(objection("src/core/stats/beta.cpp", "boost/math/special_functions/beta.hpp"), "");
  EXPECT_EQ(objection("src/commands/serve/serve.cpp", "instruments/train/instrument.hpp"), "");
  EXPECT_EQ(objection("src/instruments/train/plan.cpp", "core/gates/gate.hpp"), "");
  EXPECT_EQ(includes_of("#include <vector>\n  #include \"core/base/text.hpp\"  // why\nint x;").size(), 2U);
}

TEST(Layers, NoSourceIsLongerThanSixHundredLines) {
  const fs::path root = signalbox::testing::source_directory();
  for (const auto& entry : fs::recursive_directory_iterator(root / "src")) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cpp" && extension != ".hpp") continue;
    EXPECT_LE(signalbox::lines(signalbox::read_file(entry.path()).value()).size(), 600U) << entry.path();
  }
}
