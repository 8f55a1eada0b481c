#include "core/http/openapi.hpp"

#include <filesystem>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

namespace fs = std::filesystem;

Route route(Method method, std::string path, std::vector<Parameter> parameters = {}) {
  Route out;
  out.method = method;
  out.path = std::move(path);
  out.summary = "What it does";
  out.parameters = std::move(parameters);
  out.handle = [](const Request&) { return Response{}; };
  return out;
}

// One of each kind.
std::vector<Route> routes() {
  std::vector<Route> out;
  out.push_back(route(Method::get, "/healthz"));
  out.back().role = Role::none;
  out.push_back(route(Method::get, "/api/v1/things",
                      {{"limit", Parameter::In::query, "at most 500", false, "integer"},
                       {"X-Mode", Parameter::In::header, "how", true, "string"}}));
  out.push_back(route(Method::post, "/api/v1/things"));
  out.back().body_schema = "thing-v1";
  out.back().role = Role::operator_;
  out.push_back(route(Method::get, "/api/v1/things/{id}", {{"id", Parameter::In::path, "which"}}));
  out.back().response_schema = "report-v1";
  out.push_back(route(Method::del, "/api/v1/things/{id}", {{"id", Parameter::In::path, "which"}}));
  out.push_back(
      route(Method::get, "/evidence/tile/{rest*}", {{"rest", Parameter::In::path, "level and index"}}));
  out.push_back(route(Method::get, "/api/v1/stream"));
  out.back().events = [](const Request&, const std::string& last, EventSink&) { return last; };
  out.back().handle = nullptr;
  out.push_back(route(Method::get, "/hidden"));
  out.back().summary.clear();
  return out;
}

TEST(OpenApi, APathParameterIsRequiredAndARestOfThePathLosesItsStar) {
  const Json document = openapi(routes(), "1.2.3");
  EXPECT_EQ(document["openapi"].as_string(), "3.1.0");
  EXPECT_EQ(document["info"]["version"].as_string(), "1.2.3");
  const Json& operation = document["paths"]["/evidence/tile/{rest}"]["get"];
  ASSERT_EQ(operation["parameters"].size(), 1U);
  EXPECT_TRUE(operation["parameters"].items()[0]["required"].as_bool());
  EXPECT_EQ(operation["x-signalbox-role"].as_string(), "viewer");
}

TEST(OpenApi, WhatHasNoSummaryIsNotShown) {
  EXPECT_EQ(openapi(routes(), "1")["paths"].find("/hidden"), nullptr);
}

TEST(OpenApi, ARouteForEverybodyAsksForNoCredentials) {
  const Json document = openapi(routes(), "1");
  EXPECT_EQ(document["paths"]["/healthz"]["get"]["security"].size(), 0U);
  EXPECT_EQ(document["paths"]["/api/v1/things"]["post"]["security"].size(), 2U);
}

// OpenAPI 3.1.0: operationId is unique, each {name} of a path has its parameter, each local $ref leads
// somewhere. The schema cannot say these.
TEST(OpenApi, NamesAreUniqueAndReferencesLeadSomewhere) {
  const Json document = openapi(routes(), "1");
  std::set<std::string> ids;
  for (const auto& [path, operations] : document["paths"].members()) {
    for (const auto& [method, operation] : operations.members()) {
      EXPECT_TRUE(ids.emplace(operation["operationId"].as_string()).second) << method << " " << path;
      std::set<std::string> in_path;
      for (const Json& parameter : operation["parameters"].items()) {
        if (parameter["in"].as_string() == "path") in_path.emplace(parameter["name"].as_string());
      }
      for (const std::string& name : in_path)
        EXPECT_NE(path.find("{" + name + "}"), std::string::npos) << path;
      EXPECT_EQ(in_path.size(), split(path, '{').size() - 1) << path;
      EXPECT_EQ(operation["responses"]["default"]["$ref"].as_string(), "#/components/responses/problem");
    }
  }
  EXPECT_TRUE(document["components"]["responses"]["problem"].is_object());
  EXPECT_TRUE(document["components"]["schemas"]["problem"].is_object());
}

// The schema of the OpenAPI Initiative, as an npm package ships it; fetched once a run, so there has to be a
// network.
TEST(OpenApi, FollowsTheSchemaOfTheOpenApiInitiative) {
  const fs::path folder = fs::temp_directory_path() / ("openapi_test." + std::to_string(::getpid()));
  fs::create_directories(folder);
  ProcessOptions options;
  options.directory = folder;
  options.environment = {{"npm_config_fetch_retries", "0"}, {"npm_config_fetch_timeout", "15000"}};
  options.deadline = std::chrono::seconds(40);
  const auto packed =
      run_process({"npm", "pack", "--silent", "@seriousme/openapi-schema-validator@2.2.5"}, options);
  if (!packed || packed->exit_code != 0) {
    fs::remove_all(folder);
    GTEST_SKIP() << "no npm or no network: the schema cannot be fetched";
  }
  EXPECT_EQ(run_process({"tar", "xzf", std::string(trim(packed->output))}, options)->exit_code, 0);
  const std::string validate =
      "import json,sys,jsonschema\n"
      "s=json.load(open('package/schemas/v3.1/schema.json'))\n"
      "for e in jsonschema.Draft202012Validator(s).iter_errors(json.load(sys.stdin)): print(e.message)\n";
  const auto errors = [&](const std::string& document) {
    options.input = document;
    const auto ran = run_process({"python3", "-c", validate}, options);
    return ran ? ran->output + ran->errors : ran.error().message;
  };
  EXPECT_EQ(errors(openapi(routes(), "1.2.3").dump()), "");
  EXPECT_NE(errors(R"({"openapi":"3.1.0","paths":{}})"), "");
  EXPECT_NE(errors(R"({"openapi":"3.1.0","info":{"title":"a","version":"1"},"paths":{"x":{}}})"), "");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace signalbox::http
