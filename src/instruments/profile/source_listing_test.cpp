// Lines with what they cost: beside `go tool pprof -list`, and over the API.
#include "instruments/profile/source_listing.hpp"

#include <algorithm>
#include <map>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/cli/parser.hpp"
#include "core/cli/progress.hpp"
#include "core/git/scratch_repository.hpp"
#include "core/store/testing.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/formats/pprof.hpp"
#include "instruments/profile/kept/profile_store.hpp"
#include "instruments/profile/model/builder.hpp"
#include "instruments/profile/routes.hpp"

namespace signalbox::profile {
namespace {

constexpr std::int32_t kLines = 60;  // of each source

std::string source_of(std::string_view name) {
  std::string out;
  for (std::int32_t line = 1; line <= kLines; ++line) out += fmt::format("\tline {} of {};\n", line, name);
  return out;
}

class LineProfile {
 public:
  explicit LineProfile(std::string folder)
      : folder_(std::move(folder)), builder_({{"samples", "count"}, {"cpu", "nanoseconds"}}) {
    builder_.profile().default_value = 1;
  }
  FrameId frame(std::string_view function, std::string_view file, std::int32_t line,
                FrameKind kind = FrameKind::user) {
    Frame out;
    const std::string path = file.empty() ? std::string() : folder_ + std::string(file);
    out.function = builder_.function({builder_.string(function), {}, builder_.string(path), 0});
    out.mapping =
        builder_.mapping({0x1000, 0x9000, 0, builder_.string("/bin/shop"), builder_.string("abcdef")});
    out.line = line;
    out.kind = kind;
    return builder_.frame(out);
  }
  void add(const std::vector<FrameId>& frames, std::int64_t count) {
    StackId stack = 0;
    for (const FrameId frame : frames) stack = builder_.stack(stack, frame);
    Sample sample;
    sample.stack = stack;
    const std::int64_t values[] = {count, count * 10'000'000};
    builder_.add(sample, values);
  }
  void annotate(std::string key, std::string value) {
    builder_.profile().annotations.emplace_back(std::move(key), std::move(value));
  }
  Profile finish() { return std::move(builder_).finish(); }

 private:
  std::string folder_;
  ProfileBuilder builder_;
};

using Numbers = std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>>;  // by line: self, cumulative

std::int64_t number_of(std::string_view word) {
  return word == "." ? 0 : parse_integer(word).value_or(-1);
}

// "         4         10      7:	line 7 of a.c;"
Numbers list_of_pprof(const std::string& file, const std::string& function) {
  const ProcessResult result = run_process({"go", "tool", "pprof", "-list", "^" + function + "$",
                                            "-sample_index=samples", "-symbolize=none", file})
                                   .value();
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  Numbers out;
  for (const std::string_view line : lines(result.output)) {
    std::vector<std::string_view> words = split(line.substr(0, line.find(':')), ' ');
    std::erase(words, std::string_view());
    const auto number = words.size() == 3 ? parse_integer(words[2]) : std::nullopt;
    if (!number || line.find(':') == std::string_view::npos) continue;
    const std::pair cost(number_of(words[0]), number_of(words[1]));
    if (cost != std::pair<std::int64_t, std::int64_t>()) out[*number] = cost;
  }
  return out;
}

Numbers list_of_ours(const Json& data) {
  Numbers out;
  for (const Json& line : data["costs"].items())
    out[line["line"].as_integer()] = {line["self"].as_integer(), line["cumulative"].as_integer()};
  return out;
}

class SourceListings : public ::testing::Test {
 protected:
  SourceListings() {
    root_.name = "profile";
    root_.commands = {report_command()};
    workspace_.root = folder_.path();
    workspace_.state = folder_.path() / ".signalbox";
    for (const char* name : {"a.c", "b.c"})
      EXPECT_TRUE(write_file_atomically(folder_.path() / "src" / name, source_of(name)));
  }
  std::string place() const { return folder_.path().string() + "/src/"; }
  std::string write(const Profile& profile) const {
    const std::string path = (folder_.path() / "x.pb.gz").string();
    EXPECT_TRUE(write_file_atomically(path, write_pprof(profile)));
    return path;
  }
  Result<cli::Outcome> run(const std::vector<std::string>& words) {
    auto request = cli::parse(root_, words);
    if (!request) return fail(request.error());
    const SystemClock clock;
    cli::BarProgress progress(cli::ProgressStyle::none);
    cli::Context context{workspace_, clock, progress};
    context.say = [](std::string_view) {};
    return request->command->run(request->arguments, context);
  }
  Report report(const std::vector<std::string>& words) {
    auto outcome = run(words);
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
    return outcome ? std::get<Report>(*outcome) : Report{};
  }

  TemporaryDirectory folder_;
  Workspace workspace_;
  cli::Command root_;
};

// Recursion, several lines of a function in one stack, what is inlined, functions that call each other.
TEST_F(SourceListings, HaveTheNumbersOfPprofForEachLine) {
  if (!find_program("go")) GTEST_SKIP() << "no go: apt-get install golang";
  LineProfile writer(place());
  std::mt19937 random(7);
  const std::vector<std::string> functions = {"parse", "digit", "fold", "emit"};
  for (int i = 0; i < 120; ++i) {
    std::vector<FrameId> stack = {writer.frame("main", "a.c", 50)};
    const std::size_t depth = 1 + random() % 7;
    for (std::size_t at = 0; at < depth; ++at) {
      const std::size_t which = random() % functions.size();
      const auto line = static_cast<std::int32_t>(1 + 12 * which + random() % 5);
      const bool is_inlined = at > 0 && random() % 4 == 0;
      stack.push_back(writer.frame(functions[which], which < 2 ? "a.c" : "b.c", line,
                                   is_inlined ? FrameKind::inlined : FrameKind::user));
    }
    writer.add(stack, 1 + random() % 9);
  }
  const std::string file = write(writer.finish());
  for (const std::string& function :
       {std::string("main"), functions[0], functions[1], functions[2], functions[3]}) {
    const Numbers theirs = list_of_pprof(file, function);
    EXPECT_FALSE(theirs.empty()) << function;
    EXPECT_EQ(list_of_ours(report({"report", file, "--source", function, "--value", "samples"}).data), theirs)
        << function;
  }
  // And of what a filter leaves.
  EXPECT_NE(list_of_ours(
                report({"report", file, "--source", "parse", "--value", "samples", "--focus", "digit"}).data),
            list_of_ours(report({"report", file, "--source", "parse", "--value", "samples"}).data));
}

TEST_F(SourceListings, ArePrintedAroundTheLinesThatCost) {
  LineProfile writer(place());
  writer.add({writer.frame("parse", "a.c", 20), writer.frame("read", "b.c", 3)}, 30);
  writer.add({writer.frame("parse", "a.c", 22)}, 70);
  const std::string file = write(writer.finish());
  const Report told = report({"report", file, "--source", "parse"});
  ASSERT_EQ(told.tables.size(), 1U);
  const auto& rows = told.tables[0].rows;
  ASSERT_EQ(rows.size(), 23U);  // 10 to 32
  EXPECT_EQ(rows.front()[6].text, "10");
  EXPECT_EQ(rows.front()[0].text, "");
  EXPECT_EQ(rows.back()[6].text, "32");
  EXPECT_EQ(rows[10][7].text, "    line 20 of a.c;");
  EXPECT_EQ(rows[10][0].text, "");
  EXPECT_EQ(rows[10][3].text, "300 ms");
  EXPECT_EQ(rows[12][0].text, "700 ms");
  EXPECT_EQ(rows[12][1].text, "70.0 %");
  EXPECT_EQ(rows[12][2].text, "60.4–78.1 %");  // Wilson of 70 in 100
  EXPECT_EQ(told.summary, "700 ms of 1.00 s cpu by itself (70.0 %), 1.00 s with what it calls (100.0 %)");
}

TEST_F(SourceListings, SayWhichFileAndBuildIsMissing) {
  LineProfile writer("/nowhere/else/");
  writer.add({writer.frame("parse", "a.c", 20)}, 30);
  const std::string file = write(writer.finish());
  const Report told = report({"report", file, "--source", "parse"});
  const std::string text = render_text(told, {});
  EXPECT_NE(text.find("no source /nowhere/else/a.c"), std::string::npos) << text;
  EXPECT_NE(text.find("/bin/shop (build id abcdef)"), std::string::npos) << text;
  EXPECT_TRUE(told.data["source"].is_null());
  EXPECT_EQ(told.tables[0].rows[0][6].text, "20");  // its line costs what it costs all the same
  EXPECT_FALSE(report({"report", file, "--source", "parse", "--source-path", folder_.path().string()})
                   .data["source"]
                   .is_object());
}

TEST_F(SourceListings, HaveTabsAsSpacesUpToTheNextColumnOfFourCharacters) {
  ASSERT_TRUE(write_file_atomically(folder_.path() / "src/a.c",
                                    "\xC3\xA4\tb\n\xE2\x86\x92\xE2\x86\x92\tb\n\t\tb\nabcd\tb\n"));
  LineProfile writer(place());
  writer.add({writer.frame("parse", "a.c", 1)}, 30);
  const Report told = report({"report", write(writer.finish()), "--source", "parse"});
  std::vector<std::string> shown;
  for (const Json& line : told.data["source"]["lines"].items()) shown.emplace_back(line.as_string());
  EXPECT_EQ(shown, (std::vector<std::string>{"\xC3\xA4   b", "\xE2\x86\x92\xE2\x86\x92  b", "        b",
                                             "abcd    b"}));
}

// More lines than are shown: around those that cost, none of which is cut away as long as they fit.
TEST_F(SourceListings, OfALargeFileAreThoseAroundTheLinesThatCost) {
  constexpr std::int32_t kMany = 30'000;
  std::string text;
  for (std::int32_t line = 1; line <= kMany; ++line) text += fmt::format("line {};\n", line);
  ASSERT_TRUE(write_file_atomically(folder_.path() / "src/large.c", text));
  LineProfile writer(place());
  writer.add({writer.frame("late", "large.c", 29'000)}, 30);
  writer.add({writer.frame("spread", "large.c", 5'001)}, 30);
  writer.add({writer.frame("spread", "large.c", 25'000)}, 30);  // 20,000 lines
  writer.add({writer.frame("wide", "large.c", 1)}, 30);
  writer.add({writer.frame("wide", "large.c", kMany)}, 30);
  const std::string file = write(writer.finish());
  const auto shown = [&](const std::string& function) {
    const Json source = report({"report", file, "--source", function}).data["source"];
    EXPECT_EQ(source["file_lines"].as_integer(), kMany);
    const std::int64_t first = source["first_line"].as_integer();
    EXPECT_EQ(source["lines"].items()[0].as_string(), fmt::format("line {};", first));
    return std::pair(first, first + static_cast<std::int64_t>(source["lines"].size()) - 1);
  };
  EXPECT_EQ(shown("late"), (std::pair<std::int64_t, std::int64_t>(28'990, 29'010)));
  EXPECT_EQ(shown("spread"), (std::pair<std::int64_t, std::int64_t>(5'001, 25'000)));
  EXPECT_EQ(shown("wide"), (std::pair<std::int64_t, std::int64_t>(1, 20'000)));
}

// A profile may name more lines of one function than an answer may hold: the cheapest are left out, and
// counted.
TEST_F(SourceListings, OfMoreLinesThanAreToldLeaveTheCheapestOut) {
  constexpr std::int32_t kMany = 20'500;
  LineProfile writer(place());
  for (std::int32_t line = 1; line <= kMany; ++line)
    writer.add({writer.frame("generated", "none.c", line)}, line <= 500 ? 1 : 2);
  const Report told = report({"report", write(writer.finish()), "--source", "generated"});
  EXPECT_EQ(told.data["costs_left_out"].as_integer(), 500);
  ASSERT_EQ(told.data["costs"].size(), std::size_t{20'000});
  EXPECT_EQ(told.data["costs"].items()[0]["line"].as_integer(), 501);
  EXPECT_EQ(told.data["costs"].items()[19'999]["line"].as_integer(), kMany);
  EXPECT_NE(render_text(told, {}).find("lines that cost less, left out"), std::string::npos);
}

TEST_F(SourceListings, OfAFunctionThatIsNotThereOrNotOneAreRefused) {
  LineProfile writer(place());
  writer.add({writer.frame("parse_int(char)", "a.c", 20), writer.frame("parse_text(char)", "a.c", 3)}, 30);
  const std::string file = write(writer.finish());
  EXPECT_EQ(report({"report", file, "--source", "int"}).title, "Source of parse_int(char)");
  const auto none = run({"report", file, "--source", "print"});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::bad_input);
  const auto several = run({"report", file, "--source", "^parse"});
  ASSERT_FALSE(several);
  EXPECT_NE(several.error().hint.find("parse_text(char)"), std::string::npos);
  EXPECT_FALSE(run({"report", file, "--source", "("}));
  EXPECT_FALSE(run({"report", file, "--source", "parse_int(char)", "--format", "folded"}));
  EXPECT_FALSE(run({"report", file, "--source", "parse_int(char)", "--source-path", place() + "a.c"}));
}

// The route, over a repository that moved on since the profile was taken.
class SourceRoute : public ::testing::Test {
 protected:
  SourceRoute() : repository_(history()) {
    database_ = scratch_.open();
    EXPECT_TRUE(store::migrate(*database_, kept_migrations()));
    workspace_.root = repository_.path();
    workspace_.git_directory = repository_.path() / ".git";
    workspace_.state = repository_.path() / ".git/signalbox";
    auto services = std::make_shared<Services>(Services{workspace_, clock_, scratch_.url(), {}, nullptr});
    services->database = [this]() -> Result<store::Database*> { return database_.get(); };
    routes_ = routes(services);
  }
  static git::History history() {
    git::History out;
    const int first =
        out.commit({.message = "feat: parse", .parents = {}, .files = {{"src/a.c", source_of("then")}}});
    out.branch(
        "main",
        out.commit({.message = "fix: parse", .parents = {first}, .files = {{"src/a.c", source_of("now")}}}));
    return out;
  }
  Result<Json> ask(const std::string& path, http::Method method,
                   std::map<std::string, std::string, std::less<>> query, std::string id,
                   std::string body = {}) {
    const auto route = std::find_if(routes_.begin(), routes_.end(), [&](const http::Route& each) {
      return each.method == method && each.path == "/api/v1/profile" + path;
    });
    if (route == routes_.end()) return fail(ErrorKind::internal, "no route " + path);
    http::Request request;
    request.method = method;
    request.query = std::move(query);
    request.body = std::move(body);
    request.principal = {"ci", http::Role::operator_};
    request.parameters["id"] = std::move(id);
    SIGNALBOX_TRY(const http::Response response, route->handle(request));
    return parse_json(response.content());
  }
  std::string keep(const Profile& profile) {
    const auto kept = ask("/ingest", http::Method::post, {}, "", write_pprof(profile));
    EXPECT_TRUE(kept) << (kept ? "" : kept.error().message);
    return kept ? std::string((*kept)["id"].as_string()) : "";
  }
  Result<Json> source(const std::string& id, std::map<std::string, std::string, std::less<>> query) {
    return ask("/profiles/{id}/source", http::Method::get, std::move(query), id);
  }

  git::ScratchRepository repository_;
  Workspace workspace_;
  FixedClock clock_{Time(std::chrono::seconds(1'800'000'000))};
  store::testing::ScratchStore scratch_{store::Engine::sqlite};
  std::unique_ptr<store::Database> database_;
  std::vector<http::Route> routes_;
};

TEST_F(SourceRoute, TellsLinesOfTheCommitThatWasMeasured) {
  LineProfile writer("/builds/ci/shop/src/");
  writer.annotate("git.commit", repository_.id(1));
  writer.add({writer.frame("parse", "a.c", 20)}, 30);
  writer.add({writer.frame("parse", "a.c", 21), writer.frame("read", "a.c", 40)}, 70);
  const std::string id = keep(writer.finish());
  const Json told = source(id, {{"function", "parse"}}).value();
  EXPECT_EQ(told["file"].as_string(), "/builds/ci/shop/src/a.c");
  EXPECT_EQ(told["source"]["from"].as_string(), "commit");
  EXPECT_EQ(told["source"]["path"].as_string(), "src/a.c");
  EXPECT_EQ(told["source"]["commit"].as_string(), repository_.id(1));
  EXPECT_EQ(told["source"]["first_line"].as_integer(), 10);
  EXPECT_EQ(told["source"]["file_lines"].as_integer(), kLines);
  EXPECT_EQ(told["source"]["lines"].items()[10].as_string(), "    line 20 of then;");
  EXPECT_EQ(list_of_ours(told), (Numbers{{20, {300'000'000, 300'000'000}}, {21, {0, 700'000'000}}}));
  EXPECT_DOUBLE_EQ(told["whole"]["cumulative_share"]["share"].as_number(), 1);
  EXPECT_EQ(told["code"].items()[0]["build_id"].as_string(), "abcdef");
  EXPECT_TRUE(told["missing"].is_null());

  const Json counted =
      source(id, {{"function", "parse"}, {"value", "samples"}, {"context", "20000"}}).value();
  EXPECT_EQ(counted["costs"].items()[0]["self"].as_integer(), 30);
  EXPECT_EQ(counted["source"]["lines"].size(), static_cast<std::size_t>(kLines));
}

TEST_F(SourceRoute, TellsCostsAndWhatIsMissingWhereThereIsNoSource) {
  LineProfile writer("/elsewhere/");
  writer.annotate("git.commit", std::string(40, 'a'));
  writer.add({writer.frame("parse", "x.c", 20)}, 30);
  writer.add({writer.frame("nameless", "", 0)}, 30);
  const std::string id = keep(writer.finish());
  const Json told = source(id, {{"function", "parse"}}).value();
  EXPECT_TRUE(told["source"].is_null());
  EXPECT_NE(told["missing"].as_string().find("/elsewhere/x.c"), std::string::npos);
  EXPECT_EQ(told["costs"].size(), 1U);
  EXPECT_NE(source(id, {{"function", "nameless"}}).value()["missing"].as_string().find("does not say"),
            std::string::npos);
}

// What git does not tell once it may tell the next time.
TEST_F(SourceRoute, AsksGitAgainWhereItKnewNoRepository) {
  LineProfile writer("");
  writer.add({writer.frame("parse", "src/a.c", 20)}, 30);
  const std::string id = keep(writer.finish());
  const std::filesystem::path head = repository_.path() / ".git/HEAD";  // without it git knows no repository
  const std::filesystem::path away = repository_.path() / ".git/HEAD-away";
  std::filesystem::rename(head, away);
  EXPECT_TRUE(source(id, {{"function", "parse"}}).value()["source"].is_null());
  std::filesystem::rename(away, head);
  EXPECT_TRUE(source(id, {{"function", "parse"}}).value()["source"].is_object());
}

// What a profile names is what whoever sent it wrote.
TEST_F(SourceRoute, GivesNoFileThatAStrangerNames) {
  ASSERT_TRUE(write_file_atomically(repository_.path().parent_path() / "secret.c", "swordfish\n"));
  ASSERT_TRUE(write_file_atomically(repository_.path() / ".env", "swordfish\n"));
  ASSERT_TRUE(write_file_atomically(repository_.path() / ".git/info/exclude", ".env\n"));
  ASSERT_TRUE(write_file_atomically(repository_.path() / ".git/signalbox/key.c", "swordfish\n"));
  std::filesystem::create_symlink(repository_.path().parent_path() / "secret.c",
                                  repository_.path() / "src/link.c");
  const std::vector<std::string> files = {"/etc/passwd",
                                          "/../../../../etc/passwd",
                                          "../secret.c",
                                          (repository_.path().parent_path() / "secret.c").string(),
                                          ".env",
                                          "src/link.c",
                                          ".git/config",
                                          ".git/signalbox/key.c",
                                          "/proc/self/environ",
                                          (repository_.path() / ".git/signalbox/key.c").string(),
                                          std::string("src/a.c\x01", 8),
                                          ":(top,glob)**",
                                          std::string(100'000, '/')};
  LineProfile writer("");
  for (std::size_t i = 0; i < files.size(); ++i)
    writer.add({writer.frame(fmt::format("f{}", i), files[i], 1)}, 1);
  const std::string id = keep(writer.finish());
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto told = source(id, {{"function", fmt::format("f{}", i)}});
    ASSERT_TRUE(told) << files[i] << told.error().message;
    EXPECT_TRUE((*told)["source"].is_null()) << files[i] << told->dump();
    EXPECT_EQ(told->dump().find("swordfish"), std::string::npos);
  }
  // `file` is one of the profile's own names, or nothing.
  for (const char* file : {"src/a.c", "/etc/passwd", "../secret.c"})
    EXPECT_EQ(source(id, {{"function", "f0"}, {"file", file}}).has_value(),
              std::string_view(file) == "/etc/passwd")
        << file;
}

TEST_F(SourceRoute, RefusesWhatItCannotTell) {
  LineProfile writer("");
  writer.add({writer.frame("parse", "src/a.c", 20)}, 30);
  const std::string id = keep(writer.finish());
  EXPECT_EQ(source(id, {}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(source(id, {{"function", "print"}}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(source(id, {{"function", "parse"}, {"value", "wall"}}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(source(id, {{"function", "parse"}, {"context", "20001"}}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(source(std::string(64, '0'), {{"function", "parse"}}).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace signalbox::profile
