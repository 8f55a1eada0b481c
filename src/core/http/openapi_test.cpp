#include "core/http/openapi.hpp"

#include <gtest/gtest.h>

namespace signalbox::http {
namespace {

TEST(OpenApi, APathParameterIsRequiredAndARestOfThePathLosesItsStar) {
  Route route;
  route.path = "/evidence/tile/{rest*}";
  route.summary = "Tiles";
  route.parameters = {{"rest", Parameter::In::path, "level and index"}};
  const Json document = openapi({route}, "1.2.3");
  EXPECT_EQ(document["openapi"].as_string(), "3.1.0");
  EXPECT_EQ(document["info"]["version"].as_string(), "1.2.3");
  const Json& operation = document["paths"]["/evidence/tile/{rest}"]["get"];
  ASSERT_EQ(operation["parameters"].size(), 1U);
  EXPECT_TRUE(operation["parameters"].items()[0]["required"].as_bool());
  EXPECT_EQ(operation["x-signalbox-role"].as_string(), "viewer");
}

}  // namespace
}  // namespace signalbox::http
