#include "core/http/query.hpp"

#include <gtest/gtest.h>

namespace signalbox::http {
namespace {

TEST(Query, WhatIsEmptyIsAsIfItWereNotThere) {
  Request request;
  request.query = {{"service", "shop"}, {"commit", ""}};
  EXPECT_EQ(query_text(request, "service"), "shop");
  EXPECT_EQ(query_text(request, "commit"), std::nullopt);
  EXPECT_EQ(query_text(request, "host"), std::nullopt);
}

TEST(Query, AParameterMayBeLeftOut) {
  const Parameter text = query_parameter("service", "of this one alone");
  EXPECT_EQ(text.name, "service");
  EXPECT_EQ(text.in, Parameter::In::query);
  EXPECT_FALSE(text.required);
  EXPECT_EQ(text.type, "string");
  EXPECT_EQ(query_parameter("limit", "at most 500", "integer").type, "integer");
}

}  // namespace
}  // namespace signalbox::http
