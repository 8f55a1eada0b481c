// The API of kept profiles, on a store of each engine.
#include "instruments/profile/routes.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/gzip.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/recorder.hpp"
#include "core/store/testing.hpp"
#include "instruments/profile/analysis/fixture.hpp"
#include "instruments/profile/analysis/predicates.hpp"
#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/formats/otlp.hpp"
#include "instruments/profile/formats/pprof.hpp"
#include "instruments/profile/kept/profile_shelf.hpp"
#include "instruments/profile/kept/profile_store.hpp"

namespace signalbox::profile {
namespace {

using http::Method;
using http::Request;
using http::Response;
using store::Engine;

constexpr std::int64_t kMs = 1'000'000;

std::string pprof_of(const Profile& profile) {
  return write_pprof(profile, {Compression::gzip, SampleTimes::kept});
}

Profile shop(int parse, int print) {
  fixture::StackWriter writer;
  writer.add("main@/bin/shop;parse@/bin/shop", parse).add("main@/bin/shop;print@/bin/shop", print);
  writer.annotate("git.commit", std::string(40, 'a')).annotate("mode", "cpu");
  writer.builder().profile().start_unix_ns = 1'700'000'000'000'000'000 + parse;
  return writer.finish();
}

// What is asked of a route, beside its path.
struct Asked {
  std::map<std::string, std::string, std::less<>> query = {};
  std::string body = {};
  std::string content_type = {};
};

class ProfileRoutes : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (!scratch_.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    database_ = scratch_.open();
    ASSERT_TRUE(store::migrate(*database_, kept_migrations()));
    workspace_.root = folder_.path();
    workspace_.state = folder_.path() / "state";
    workspace_.name = "shop";
    auto services = std::make_shared<Services>(Services{workspace_, clock_, scratch_.url(), {}, nullptr});
    services->database = [this]() -> Result<store::Database*> { return database_.get(); };
    routes_ = routes(services);
  }

  const http::Route* route(Method method, std::string_view path) const {
    const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const http::Route& each) {
      return each.method == method && each.path == path;
    });
    return found == routes_.end() ? nullptr : &*found;
  }
  Result<Response> ask(Method method, const std::string& path, Asked asked = {}, const std::string& id = {}) {
    const http::Route* const found = route(method, path);
    if (found == nullptr) return fail(ErrorKind::internal, "no route " + path);
    Request request;
    request.method = method;
    request.query = std::move(asked.query);
    request.body = std::move(asked.body);
    if (!asked.content_type.empty()) request.headers["content-type"] = asked.content_type;
    request.principal = {"ci", http::Role::operator_};
    if (!id.empty()) request.parameters["id"] = id;
    return found->handle(request);
  }
  Result<Json> get(const std::string& end, Asked asked = {}, const std::string& id = {}) {
    SIGNALBOX_TRY(const Response response, ask(Method::get, "/api/v1/profile" + end, std::move(asked), id));
    return parse_json(response.content());
  }
  std::string keep(const Profile& profile, const std::string& service = {}) {
    Asked asked{{}, pprof_of(profile), {}};
    if (!service.empty()) asked.query["service"] = service;
    const auto response = ask(Method::post, "/api/v1/profile/ingest", asked);
    EXPECT_TRUE(response) << (response ? "" : response.error().message);
    return response ? std::string(parse_json(response->content())->operator[]("id").as_string()) : "";
  }
  // Of a tree: the total of each function.
  static std::map<std::string, std::int64_t> totals(const Json& tree) {
    std::map<std::string, std::int64_t> out;
    for (const Json& node : tree["nodes"].items()) {
      const auto frame = static_cast<std::size_t>(node.items()[1].as_integer());
      out[std::string(tree["frames"].items()[frame]["name"].as_string())] += node.items()[3].as_integer();
    }
    return out;
  }

  TemporaryDirectory folder_;
  FixedClock clock_{Time(std::chrono::seconds(1'800'000'000))};
  Workspace workspace_;
  store::testing::ScratchStore scratch_{GetParam()};
  std::unique_ptr<store::Database> database_;
  std::vector<http::Route> routes_;
};

INSTANTIATE_TEST_SUITE_P(Engines, ProfileRoutes, ::testing::Values(Engine::sqlite, Engine::postgresql),
                         [](const auto& test) { return store::testing::name_of(test.param); });

TEST_P(ProfileRoutes, WhatIsKeptIsListedAndToldOf) {
  const std::string octets = pprof_of(shop(30, 70));
  const auto made = ask(Method::post, "/api/v1/profile/ingest",
                        {{{"service", "cart"}, {"label.region", "eu"}}, octets, {}});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->status, 201);
  const std::string id = to_hex(sha256(octets));
  EXPECT_EQ(*made->header("Location"), "/api/v1/profile/profiles/" + id);
  EXPECT_EQ(ask(Method::post, "/api/v1/profile/ingest", {{}, octets, {}})->status, 200);

  const Json list = get("/profiles").value();
  ASSERT_EQ(list["profiles"].size(), 1U);
  const Json& row = list["profiles"].items()[0];
  EXPECT_EQ(row["id"].as_string(), id);
  EXPECT_EQ(row["service"].as_string(), "cart");
  EXPECT_EQ(row["labels"]["region"].as_string(), "eu");
  EXPECT_EQ(row["commit"].as_string(), std::string(40, 'a'));
  EXPECT_EQ(row["samples"].as_integer(), 100);
  EXPECT_EQ(row["kept_by"].as_string(), "ci");
  EXPECT_TRUE(row["verdict"].is_null());
  EXPECT_EQ(row["thumbnail"]["boxes"].items()[0].items()[1].as_integer(), 1000);
  EXPECT_EQ(list["services"].items()[0].as_string(), "cart");

  const Json one = get("/profiles/{id}", {}, id).value();
  EXPECT_EQ(one["values"].size(), 2U);
  EXPECT_EQ(one["annotations"].items()[0].items()[0].as_string(), "git.commit");
  EXPECT_EQ(get("/profiles/{id}/top", {}, id).value()["data"]["rows"].items()[0]["function"].as_string(),
            "print");
}

TEST_P(ProfileRoutes, AListIsOfAServiceACommitATime) {
  keep(shop(1, 2), "a");
  keep(shop(2, 2), "b");
  const auto count = [&](Asked asked) {
    return get("/profiles", std::move(asked)).value()["profiles"].size();
  };
  EXPECT_EQ(count({{{"service", "a"}}}), 1U);
  EXPECT_EQ(count({{{"commit", "aaaa"}}}), 2U);
  EXPECT_EQ(count({{{"commit", "b"}}}), 0U);
  EXPECT_EQ(count({{{"since", "2024-01-01T00:00:00Z"}}}), 0U);
  EXPECT_EQ(count({{{"limit", "1"}}}), 1U);
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"since", "yesterday"}, {"limit", "0"}, {"limit", "201"}, {"commit", "main"}, {"before", "x"}})
    EXPECT_EQ(get("/profiles", {{{name, value}}}).error().kind, ErrorKind::bad_input) << name << value;
}

TEST_P(ProfileRoutes, TheTreeOfAProfileIsThatOfItsStacks) {
  const std::string id = keep(shop(30, 70));
  const Json tree = get("/profiles/{id}/flame", {}, id).value();
  EXPECT_EQ(tree["total"].as_integer(), 100 * fixture::kPeriod_ns);
  EXPECT_EQ(tree["samples"].as_integer(), 100);
  EXPECT_EQ(totals(tree)["parse"], 30 * fixture::kPeriod_ns);
  EXPECT_EQ(totals(get("/profiles/{id}/flame", {{{"value", "samples"}}}, id).value())["print"], 70);
  const Json focused = get("/profiles/{id}/flame", {{{"focus", "^parse$"}}}, id).value();
  EXPECT_EQ(focused["samples"].as_integer(), 30);
  const Json leaf = get("/profiles/{id}/flame", {{{"direction", "leaf_first"}}}, id).value();
  EXPECT_EQ(leaf["frames"]
                .items()[static_cast<std::size_t>(leaf["nodes"].items()[1].items()[1].as_integer())]["name"]
                .as_string(),
            "parse");
  const Json picture = get("/profiles/{id}/flame", {{{"form", "picture"}}}, id).value();
  EXPECT_EQ(picture["names"].size() > 3, true);
  EXPECT_FALSE(picture["nodes"].as_string().empty());
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"focus", "("}, {"maxNodes", "0"}, {"form", "x"}, {"value", "x"}, {"slice", "1s-2s"}})
    EXPECT_EQ(get("/profiles/{id}/flame", {{{name, value}}}, id).error().kind, ErrorKind::bad_input) << name;
}

TEST_P(ProfileRoutes, AWordThatIsNoneOfThoseThatMayBeIsRefusedNamingThem) {
  const std::string id = keep(shop(30, 70));
  const auto refused = [&](const std::string& end, const std::string& name, const std::string& word) {
    const auto answer = get(end, {{{name, word}}}, id);
    return answer ? std::string("taken") : answer.error().message;
  };
  EXPECT_EQ(refused("/profiles/{id}/flame", "direction", "leaf-first"),
            "direction: `leaf-first` is none of root_first, leaf_first");
  EXPECT_EQ(refused("/profiles/{id}/flame", "moments", "all"), "moments: `all` is none of none, kept");
  EXPECT_EQ(refused("/profiles/{id}/flame", "form", "svg"), "form: `svg` is none of tree, picture");
  EXPECT_EQ(refused("/profiles/{id}/top", "order", "cum"), "order: `cum` is none of self, cumulative");
  EXPECT_EQ(refused("/profiles/{id}/top", "by", "file"), "by: `file` is none of function, line");
  for (const auto& [name, word] : std::vector<std::pair<std::string, std::string>>{
           {"order", "self"}, {"order", "cumulative"}, {"by", "function"}, {"by", "line"}, {"by", ""}})
    EXPECT_EQ(refused("/profiles/{id}/top", name, word), "taken") << name << word;
  EXPECT_EQ(refused("/profiles/{id}/flame", "direction", "root_first"), "taken");
  EXPECT_EQ(refused("/profiles/{id}/flame", "moments", "none"), "taken");
}

TEST_P(ProfileRoutes, ManyStacksAreATreeOfAsManyNodesAsWereAsked) {
  fixture::StackWriter writer;
  for (int i = 0; i < 5'000; ++i) writer.add(fmt::format("main;f{};g{}", i % 70, i), 1 + i % 5);
  const std::string id = keep(writer.finish());
  const Json tree = get("/profiles/{id}/flame", {{{"maxNodes", "300"}}}, id).value();
  EXPECT_LE(tree["nodes"].size(), 300U);
  EXPECT_GT(tree["nodes_pruned"].as_integer(), 4'000);
  EXPECT_EQ(tree["samples"].as_integer(), 15'000);
}

TEST_P(ProfileRoutes, APartOfTheTimeIsAHeatMapAndASlice) {
  const std::string id =
      keep(fixture::StackWriter().add("main;early", 3, 100 * kMs).add("main;late", 4, 2'500 * kMs).finish());
  const Json map = get("/profiles/{id}/heatmap", {{{"column", "1000"}, {"rows", "10"}}}, id).value();
  EXPECT_TRUE(map["has_times"].as_bool());
  EXPECT_EQ(map["columns"].as_integer(), 3);
  EXPECT_EQ(map["counts"].items()[1].as_integer(), 3);
  EXPECT_EQ(map["counts"].items()[2 * 10 + 5].as_integer(), 4);
  const Json slice = get("/profiles/{id}/flame", {{{"slice", "2s-3s"}}}, id).value();
  EXPECT_EQ(totals(slice)["late"], 4 * fixture::kPeriod_ns);
  EXPECT_EQ(totals(slice).count("early"), 0U);
  const auto picture = [&](Asked asked) { return get("/profiles/{id}/flame", std::move(asked), id); };
  EXPECT_TRUE(picture({{{"form", "picture"}}}).value()["moments"].is_null());
  EXPECT_FALSE(picture({{{"form", "picture"}, {"moments", "kept"}}}).value()["moments"].as_string().empty());
  EXPECT_EQ(picture({{{"moments", "kept"}}}).error().kind, ErrorKind::bad_input);
  const std::string aggregate = keep(shop(1, 1));
  EXPECT_FALSE(get("/profiles/{id}/heatmap", {}, aggregate).value()["has_times"].as_bool());
}

TEST_P(ProfileRoutes, TwoProfilesAreCompared) {
  const std::string base = keep(shop(30, 70));
  const std::string fresh = keep(shop(60, 70));
  const Asked both{{{"base", base}, {"new", fresh}, {"normalize", "none"}}};
  const Json report = get("/diff", both).value();
  EXPECT_EQ(report["data"]["functions"].items()[0]["function"].as_string(), "parse");
  const Json tree = get("/diff/flame", both).value();
  EXPECT_EQ(tree["base_factor"].as_number(), 1);
  EXPECT_EQ(tree["nodes"].items()[0].items()[3].as_integer(), 130 * fixture::kPeriod_ns);
  EXPECT_EQ(tree["nodes"].items()[0].items()[6].as_integer(), 100 * fixture::kPeriod_ns);
  EXPECT_EQ(get("/diff", {{{"base", base}}}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(get("/diff", {{{"base", base}, {"new", std::string(64, '0')}}}).error().kind,
            ErrorKind::not_found);
  EXPECT_EQ(get("/diff", {{{"base", base}, {"new", fresh}, {"normalize", "x"}}}).error().kind,
            ErrorKind::bad_input);
}

TEST_P(ProfileRoutes, ATrendIsTheShareOfAFunctionFromProfileToProfile) {
  const std::string first = keep(shop(20, 80), "shop");  // shop() takes them in the order of `parse`
  const std::string second = keep(shop(30, 70), "shop");
  const std::string third = keep(shop(60, 40), "shop");
  keep(shop(90, 10), "cart");
  Asked asked{{{"service", "shop"}, {"function", "parse"}}};
  const Json whole = get("/trend", asked).value();
  ASSERT_EQ(whole["points"].size(), 3U);
  EXPECT_TRUE(whole["before"].is_null());
  EXPECT_EQ(whole["value"].as_string(), "cpu");
  const auto& points = whole["points"].items();
  EXPECT_EQ(points[0]["id"].as_string(), third);
  EXPECT_DOUBLE_EQ(points[0]["self_share"]["share"].as_number(), 0.6);
  EXPECT_DOUBLE_EQ(points[2]["self_share"]["share"].as_number(), 0.2);
  EXPECT_LT(points[2]["self_share"]["ci"].items()[0].as_number(), 0.2);
  EXPECT_GT(points[2]["self_share"]["ci"].items()[1].as_number(), 0.2);
  EXPECT_EQ(points[0]["commit"].as_string(), std::string(40, 'a'));
  EXPECT_EQ(points[0]["taken"].as_string(), "2023-11-14T22:13:20Z");
  asked.query["function"] = "main";
  EXPECT_DOUBLE_EQ(get("/trend", asked).value()["points"].items()[0]["cumulative_share"]["share"].as_number(),
                   1);
  asked.query["function"] = "gone";
  EXPECT_DOUBLE_EQ(get("/trend", asked).value()["points"].items()[0]["cumulative_share"]["share"].as_number(),
                   0);

  // Page by page the same.
  asked.query["function"] = "parse";
  asked.query["limit"] = "2";
  const Json page = get("/trend", asked).value();
  ASSERT_EQ(page["points"].size(), 2U);
  EXPECT_EQ(page["before"].as_string(), second);
  asked.query["before"] = page["before"].as_string();
  EXPECT_EQ(get("/trend", asked).error().kind, ErrorKind::bad_input);  // of which value?
  asked.query["value"] = page["value"].as_string();
  const Json rest = get("/trend", asked).value();
  ASSERT_EQ(rest["points"].size(), 1U);
  EXPECT_EQ(rest["points"].items()[0]["id"].as_string(), first);
  EXPECT_TRUE(rest["before"].is_null());
}

TEST_P(ProfileRoutes, ATrendLeavesOutWhatMeasuredSomethingElseAndSaysSo) {
  keep(shop(20, 80), "shop");
  ASSERT_TRUE(ask(Method::post, "/api/v1/profile/ingest",
                  {{{"service", "shop"}}, "main;parse 3\nmain;print 1\n", {}}));  // newer; counts alone
  const Json trend = get("/trend", {{{"service", "shop"}, {"function", "parse"}, {"value", "cpu"}}}).value();
  EXPECT_EQ(trend["points"].size(), 1U);
  ASSERT_EQ(trend["left_out"].size(), 1U);
  EXPECT_NE(trend["left_out"].items()[0]["why"].as_string().find("no values `cpu`"), std::string::npos);
  EXPECT_EQ(get("/trend", {{{"service", "shop"}, {"function", "parse"}, {"value", "samples"}}})
                .value()["points"]
                .size(),
            2U);
}

// It would be first on its page whenever that is asked for.
TEST_P(ProfileRoutes, ATrendLeavesOutWhatCannotBeReadAndSaysSo) {
  keep(shop(20, 80), "shop");
  const std::string newest = keep(shop(30, 70), "shop");
  if (GetParam() == Engine::sqlite) {
    ASSERT_TRUE(std::filesystem::remove(blobs_of(workspace_, scratch_.url()) / newest.substr(0, 2) /
                                        newest.substr(2)));
  } else {
    ASSERT_TRUE(database_->execute("delete from profile_octets where id = ?", {newest}));
  }
  const Json trend = get("/trend", {{{"service", "shop"}, {"function", "parse"}}}).value();
  EXPECT_EQ(trend["points"].size(), 1U);
  ASSERT_EQ(trend["left_out"].size(), 1U);
  EXPECT_EQ(trend["left_out"].items()[0]["id"].as_string(), newest);
}

TEST_P(ProfileRoutes, ATrendNeedsAFunctionAndAService) {
  for (const Asked& asked : {Asked{}, Asked{{{"service", "shop"}}}, Asked{{{"function", "parse"}}},
                             Asked{{{"service", "shop"}, {"function", "parse"}, {"limit", "51"}}},
                             Asked{{{"service", "shop"}, {"function", "parse"}, {"since", "x"}}}})
    EXPECT_EQ(get("/trend", asked).error().kind, ErrorKind::bad_input);
  const Json none = get("/trend", {{{"service", "shop"}, {"function", "parse"}}}).value();
  EXPECT_EQ(none["points"].size(), 0U);
  EXPECT_TRUE(none["value"].is_null());
}

TEST_P(ProfileRoutes, AFileIsSavedAndIsNoPageOfTheServer) {
  const std::string octets = pprof_of(shop(30, 70));
  const std::string id = keep(shop(30, 70));
  const std::string path = "/api/v1/profile/profiles/{id}/artifact";
  EXPECT_EQ(ask(Method::get, path, {}, id)->content(), octets);
  for (const auto& [format, begin] : std::vector<std::pair<std::string, std::string>>{
           {"flamegraph", "<?xml"}, {"html", "<!doctype"}, {"folded", ""}, {"speedscope", "{"}}) {
    const auto file = ask(Method::get, path, {{{"format", format}}}, id);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(file->content().starts_with(begin)) << format << file->content().substr(0, 40);
    EXPECT_TRUE(file->header("Content-Disposition")->starts_with("attachment")) << format;
    EXPECT_TRUE(file->header("Content-Security-Policy")->starts_with("sandbox")) << format;
  }
  EXPECT_EQ(ask(Method::get, path, {{{"format", "flamegrap"}}}, id).error().kind, ErrorKind::bad_input);
}

TEST_P(ProfileRoutes, ClientsOfPyroscopeAndOfOpenTelemetryAreTaken) {
  Asked pyroscope{{{"name", "cart.cpu{region=eu}"}, {"from", "1700000000"}, {"format", "folded"}},
                  "main;work 3\nmain 1\n",
                  {}};
  ASSERT_TRUE(ask(Method::post, "/ingest", pyroscope));
  pyroscope.body =
      "--b\r\nContent-Disposition: form-data; name=\"profile\"\r\n\r\nmain;form 3\n\r\n--b--\r\n";
  pyroscope.content_type = "multipart/form-data; boundary=b";
  ASSERT_TRUE(ask(Method::post, "/ingest", pyroscope));
  Profile told = shop(5, 5);
  told.annotations.emplace_back("service.name", "till");
  const auto otlp =
      ask(Method::post, "/v1development/profiles", {{}, gzip(write_otlp(told)), "application/x-protobuf"});
  ASSERT_TRUE(otlp) << otlp.error().message;
  EXPECT_EQ(otlp->status, 200);
  EXPECT_EQ(otlp->content(), "");
  // The same by its content.
  EXPECT_EQ(ask(Method::post, "/api/v1/profile/ingest", {{}, gzip(write_otlp(told)), {}})->status, 200);
  const Json list = get("/profiles").value();
  EXPECT_EQ(list["services"].size(), 2U);
  EXPECT_EQ(list["services"].items()[0].as_string(), "cart.cpu");
  EXPECT_EQ(list["services"].items()[1].as_string(), "till");
  const Json cart = get("/profiles", {{{"service", "cart.cpu"}}}).value();
  EXPECT_EQ(cart["profiles"].size(), 2U);
  EXPECT_EQ(cart["profiles"].items()[0]["taken"].as_string(), "2023-11-14T22:13:20Z");
  EXPECT_EQ(ask(Method::post, "/v1development/profiles", {{}, "{}", "application/json"})->status, 415);
}

TEST_P(ProfileRoutes, WhatIsNoProfileIsRefused) {
  for (const std::string& body :
       {std::string(), std::string("nonsense"), std::string("\x1f\x8b\x08", 3), std::string(100, '\0')}) {
    EXPECT_EQ(ask(Method::post, "/api/v1/profile/ingest", {{}, body, {}}).error().kind, ErrorKind::bad_input);
    EXPECT_EQ(ask(Method::post, "/ingest", {{{"name", "a"}}, body, {}}).error().kind, ErrorKind::bad_input);
    EXPECT_EQ(ask(Method::post, "/v1development/profiles", {{}, body, "application/x-protobuf"}).error().kind,
              ErrorKind::bad_input);
  }
  EXPECT_EQ(ask(Method::post, "/ingest", {{}, "a;b 1", {}}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(get("/profiles").value()["kept"].as_integer(), 0);
}

// A body within the server's limit that becomes larger than a profile may be.
TEST_P(ProfileRoutes, ABodyThatExpandsBeyondAllBoundsIsRefused) {
  const std::string bomb = gzip(std::string(kMaxExpandedBytes + 1, 'a'), 1);
  ASSERT_LT(bomb.size(), std::size_t{17} << 20);
  EXPECT_EQ(ask(Method::post, "/api/v1/profile/ingest", {{}, bomb, {}}).error().kind, ErrorKind::bad_input);
}

TEST_P(ProfileRoutes, WhatIsRemovedIsNotFound) {
  const std::string id = keep(shop(1, 1));
  EXPECT_EQ(ask(Method::del, "/api/v1/profile/profiles/{id}", {}, id)->status, 204);
  EXPECT_EQ(get("/profiles/{id}", {}, id).error().kind, ErrorKind::not_found);
  EXPECT_EQ(get("/profiles/{id}", {}, "../etc").error().kind, ErrorKind::bad_input);
}

// Which file of the repository's is shown is named by whoever sent the profile: that is for those who may
// send.
TEST_P(ProfileRoutes, ReadersMayLookAndSendersMaySend) {
  constexpr std::string_view kOfSenders[] = {"/api/v1/profile/profiles/{id}/source"};
  std::size_t met = 0;
  for (const http::Route& each : routes_) {
    EXPECT_FALSE(each.summary.empty()) << each.path;
    const bool is_of_senders =
        each.method == Method::post ||
        std::find(std::begin(kOfSenders), std::end(kOfSenders), each.path) != std::end(kOfSenders);
    met += each.method == Method::get && is_of_senders;
    EXPECT_EQ(each.role, is_of_senders                ? http::Role::operator_
                         : each.method == Method::get ? http::Role::viewer
                                                      : http::Role::approver)
        << each.path;
  }
  EXPECT_EQ(met, std::size(kOfSenders));
}

TEST_P(ProfileRoutes, ListenersAreToldWhenTheNumberChanges) {
  class Sink final : public http::EventSink {
   public:
    bool send(std::string_view, std::string_view, std::string_view data) override {
      told.emplace_back(data);
      return true;
    }
    std::vector<std::string> told;
  };
  Sink sink;
  const http::Route* const stream = route(Method::get, "/api/v1/profile/stream");
  const std::string first = stream->events({}, "", sink).value();
  EXPECT_EQ(stream->events({}, first, sink).value(), first);
  EXPECT_EQ(sink.told.size(), 1U);
  keep(shop(1, 1));
  EXPECT_NE(stream->events({}, first, sink).value(), first);
  ASSERT_EQ(sink.told.size(), 2U);
  EXPECT_EQ(parse_json(sink.told[1])->operator[]("kept").as_integer(), 1);
}

// The log lies in the same store; keys are this machine's, in a home of their own.
TEST_P(ProfileRoutes, TheVerdictIsThatOfTheNewestTrustedCheck) {
  ASSERT_EQ(::setenv("XDG_DATA_HOME", (folder_.path() / "keys").c_str(), 1), 0);
  ASSERT_EQ(::setenv("XDG_STATE_HOME", (folder_.path() / "memory").c_str(), 1), 0);
  const std::string id = keep(shop(1, 1));
  auto book = evidence::EvidenceBook::open(workspace_, clock_, scratch_.url());
  ASSERT_TRUE(book) << book.error().message;
  for (const char* verdict : {"pass", "regressed"}) {
    evidence::Statement statement;
    statement.subjects = {{"a.pb.gz", {{"sha256", id}}}};
    statement.predicate_type = std::string(kRegressionPredicate);
    statement.predicate = Json::object({{"check", Json::object({{"verdict", verdict}})}});
    ASSERT_TRUE(book->record(std::move(statement)));
  }
  const Json row = get("/profiles").value()["profiles"].items()[0];
  EXPECT_EQ(row["verdict"]["check"].as_string(), "regressed");
  EXPECT_EQ(row["verdict"]["evidence"].as_integer(), 1);
}

}  // namespace
}  // namespace signalbox::profile
