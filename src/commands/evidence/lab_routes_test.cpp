#include "commands/evidence/route_fixture.hpp"

namespace signalbox::evidence_command {
namespace {

class LabRoute : public RouteTest {
 protected:
  Result<http::Response> ask(const std::string& body) {
    http::Request request;
    request.body = body;
    return lab_routes(services()).front().handle(request);
  }
  // The answers, the newest statement's first.
  std::vector<std::string> answers(const std::string& subject) {
    const Json asked = Json::object({{"require", "ge(.predicate.document.coverage; 80)"},
                                     {"type", "evidence/document/v1"},
                                     {"subject", subject}});
    const auto response = ask(asked.dump());
    EXPECT_TRUE(response) << (response ? "" : response.error().message);
    if (!response) return {};
    const Json told = parse_json(response->content()).value();
    std::vector<std::string> out;
    for (const Json& one : told["tried"].items()) out.emplace_back(one["answer"].as_string());
    return out;
  }
};

TEST_F(LabRoute, SaysWhatAConditionSaysOfEachStatementAboutTheSubject) {
  record(R"({"coverage": 79})", kSubject);
  record(R"({"coverage": 81})", kSubject);
  const std::vector<std::string> both = {"yes", "no"};
  EXPECT_EQ(answers(""), both);
  EXPECT_EQ(answers(kSubject), both);
  EXPECT_EQ(answers("gitCommit:" + std::string(40, '7')), std::vector<std::string>());
}

TEST_F(LabRoute, WhatIsNoTextIsRefusedAndNotPassedOver) {
  record(R"({"coverage": 81})", kSubject);
  for (const std::string body :
       {R"({"require":"true","type":"evidence/document/v1","subject":7})",
        R"({"require":"true","type":"evidence/document/v1","subject":["gitCommit:aa"]})",
        R"({"require":"true","type":"evidence/document/v1","subject":"aa"})",
        R"({"require":"true","type":{}})", R"({"require":"true"})", R"({"require":true,"type":"a/b/v1"})",
        R"({"type":"a/b/v1"})", "[]", "{"}) {
    const auto response = ask(body);
    ASSERT_FALSE(response) << body;
    EXPECT_EQ(response.error().kind, ErrorKind::bad_input) << body << ": " << response.error().message;
  }
}

}  // namespace
}  // namespace signalbox::evidence_command
