#include <fmt/core.h>

#include "commands/evidence/route_fixture.hpp"

namespace signalbox::evidence_command {
namespace {

class CheckRoute : public RouteTest {
 protected:
  Result<http::Response> ask(const std::string& body) {
    http::Request request;
    request.body = body;
    return check_route(services()).handle(request);
  }
  Json answered(const std::string& conditions) {
    const auto response = ask(R"({"commit":")" + kSubject + R"(","conditions":[)" + conditions + "]}");
    EXPECT_TRUE(response) << response.error().message;
    return response ? *parse_json(response->body) : Json();
  }
};

const std::string kCoverage =
    R"-("type":"evidence/document/v1","require":"ge(.predicate.document.coverage; 80)")-";

TEST_F(CheckRoute, SaysWhatHoldsWhatDoesNotAndWhatIsMissing) {
  record(R"({"coverage": 81})", kSubject);
  const Json good = answered(R"({"name":"a",)" + kCoverage + "}");
  EXPECT_EQ(good["verdict"].as_string(), "pass") << good.dump();
  record(R"({"coverage": 79})", kSubject);
  const Json bad = answered(R"({"name":"a",)" + kCoverage + R"(},{"name":"b","type":"evidence/tests/v1"})");
  EXPECT_EQ(bad["verdict"].as_string(), "fail");
  EXPECT_EQ(bad["checks"].items().at(0)["reason"].as_string(), "condition") << bad.dump();
  EXPECT_EQ(bad["checks"].items().at(1)["reason"].as_string(), "missing") << bad.dump();
}

TEST_F(CheckRoute, AnErasedEntryDoesNotHideTheOtherAnswers) {
  record(R"({"coverage": 81})", kSubject);
  const Ran erased = run({"redact", "0", "--reason", "holds a name", "--requester", "ada@example"});
  ASSERT_EQ(erased.code, 0) << erased.text;
  const Json said = answered(R"({"name":"a",)" + kCoverage + R"(},{"name":"b","type":"evidence/tests/v1"})");
  ASSERT_EQ(said["checks"].size(), 2U) << said.dump();
  EXPECT_NE(said["checks"].items()[0]["answer"].as_string().find("erased"), std::string_view::npos)
      << said.dump();
  EXPECT_EQ(said["checks"].items()[1]["reason"].as_string(), "missing") << said.dump();
}

TEST_F(CheckRoute, RunsNothingReadsNothingAndTakesNothingButConditions) {
  record("{}", kSubject);
  const std::string commit = R"({"commit":")" + kSubject + R"(","conditions":)";
  const std::string one = R"({"name":"a",)" + kCoverage + "}";
  std::string many = one;
  for (int i = 0; i < 16; ++i) many += "," + one;
  for (const std::string& body :
       {commit + R"([{"name":"a","command":["touch","x"]}]})",
        commit + R"([{"name":"a","kind":"artifact","file":"/etc/passwd"}]})",
        commit + R"([{"name":"a","kind":"time"}]})", commit + "[]}", commit + "[" + many + "]}",
        commit + R"([{"name":"a","type":"evidence/tests/v1","require":"input"}]})",
        R"({"conditions":[)" + one + "]}", R"({"commit":"/etc/passwd","conditions":[)" + one + "]}",
        R"({"commit":"git:HEAD","conditions":[)" + one + "]}", std::string("commit: a"), std::string("{")}) {
    const auto response = ask(body);
    ASSERT_FALSE(response) << body;
    EXPECT_EQ(response.error().kind, ErrorKind::bad_input) << body << ": " << response.error().message;
  }
}

}  // namespace
}  // namespace signalbox::evidence_command
