#include "core/http/route.hpp"

#include <gtest/gtest.h>

namespace signalbox::http {
namespace {

TEST(Problem, AnErrorBecomesTheStatusOfItsKindWithItsHint) {
  const Response response = Response::problem({ErrorKind::conflict, "the name is taken", "choose another"});
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const Json body = *parse_json(response.body);
  EXPECT_EQ(body["status"].as_integer(), 409);
  EXPECT_EQ(body["detail"].as_string(), "the name is taken");
  EXPECT_EQ(body["hint"].as_string(), "choose another");
}

}  // namespace
}  // namespace signalbox::http
