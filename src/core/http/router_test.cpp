#include "core/http/router.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

Route route(Method method, std::string path) {
  Route out;
  out.method = method;
  out.path = std::move(path);
  out.handle = [](const Request&) { return Response{}; };
  return out;
}

Router router() {
  std::vector<Route> routes;
  routes.push_back(route(Method::get, "/"));
  routes.push_back(route(Method::get, "/things"));
  routes.push_back(route(Method::post, "/things"));
  routes.push_back(route(Method::get, "/things/{id}"));
  routes.push_back(route(Method::get, "/things/newest"));
  routes.push_back(route(Method::get, "/things/{id}/parts/{part}"));
  routes.push_back(route(Method::get, "/files/{rest*}"));
  routes.push_back(route(Method::get, "/files/index"));
  return std::move(Router::create(std::move(routes)).value());
}

// The path of the route that answers, with its parameters; "405 …" or "404".
std::string match(Method method, std::string_view path) {
  static const Router kRouter = router();
  std::vector<std::string> segments;
  for (const std::string_view segment : split(path.substr(1), '/')) segments.emplace_back(segment);
  const Router::Match found = kRouter.match(method, segments);
  if (found.route == nullptr) return found.allow.empty() ? "404" : "405 " + found.allow;
  std::string out = found.route->path;
  for (const auto& [name, value] : found.parameters) out.append(" ").append(name).append("=").append(value);
  return out;
}

TEST(Router, TheMostExactRouteAnswers) {
  EXPECT_EQ(match(Method::get, "/"), "/");
  EXPECT_EQ(match(Method::get, "/things/newest"), "/things/newest");
  EXPECT_EQ(match(Method::get, "/things/7"), "/things/{id} id=7");
  EXPECT_EQ(match(Method::get, "/things/newest/parts/x"), "/things/{id}/parts/{part} id=newest part=x");
  EXPECT_EQ(match(Method::get, "/files/index"), "/files/index");
  EXPECT_EQ(match(Method::get, "/files/a/b"), "/files/{rest*} rest=a/b");
  EXPECT_EQ(match(Method::get, "/files/index/b"), "/files/{rest*} rest=index/b");
}

TEST(Router, WhatIsNotThereIsNotThere) {
  EXPECT_EQ(match(Method::get, "/other"), "404");
  EXPECT_EQ(match(Method::get, "/things/"), "404");
  EXPECT_EQ(match(Method::get, "/things/7/parts"), "404");
  EXPECT_EQ(match(Method::get, "/files"), "404");
  EXPECT_EQ(match(Method::get, "/things" + std::string(200, '/')), "404");
}

TEST(Router, AMethodThatIsNotThereIsToldFromAPathThatIsNot) {
  EXPECT_EQ(match(Method::head, "/things/7"), "/things/{id} id=7");
  EXPECT_EQ(match(Method::del, "/things"), "405 GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(match(Method::post, "/things/7"), "405 GET, HEAD, OPTIONS");
}

TEST(Router, RoutesThatContradictAreRefused) {
  const auto refused = [](std::vector<Route> routes) {
    return !Router::create(std::move(routes)).has_value();
  };
  EXPECT_TRUE(refused({route(Method::get, "/a"), route(Method::get, "/a")}));
  EXPECT_TRUE(refused({route(Method::get, "/{a}"), route(Method::get, "/{b}")}));
  EXPECT_TRUE(refused({route(Method::get, "a")}));
  EXPECT_TRUE(refused({route(Method::get, "/{rest*}/b")}));
  Route silent = route(Method::get, "/a");
  silent.handle = nullptr;
  EXPECT_TRUE(refused({silent}));
}

}  // namespace
}  // namespace signalbox::http
