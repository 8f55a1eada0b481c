#include "core/http/own_names.hpp"

#include <gtest/gtest.h>

namespace signalbox::http {
namespace {

Request to(std::string host) {
  Request out;
  out.path = "/metrics";
  out.headers = {{"host", std::move(host)}};
  return out;
}

TEST(OwnNames, AreAnsweredToAndNoOthers) {
  OwnNames names("anybody", {"symbols.example"});
  EXPECT_EQ(names.authenticate(to("127.0.0.1:8002")).error().kind, ErrorKind::denied) << "of no address yet";
  ASSERT_TRUE(names.listens_on("127.0.0.1", 8002));
  for (const char* host : {"127.0.0.1:8002", "localhost:8002", "[::1]:8002", "symbols.example:8002"}) {
    const auto principal = names.authenticate(to(host));
    ASSERT_TRUE(principal) << host;
    EXPECT_EQ(principal->name, "anybody");
    EXPECT_EQ(principal->role, Role::viewer);
  }
  for (const char* host : {"evil.example:8002", "127.0.0.1:8003", "127.0.0.1", ""})
    EXPECT_EQ(names.authenticate(to(host)).error().kind, ErrorKind::denied) << host;
  Request of_a_page = to("127.0.0.1:8002");
  of_a_page.headers["origin"] = "https://evil.example";
  EXPECT_EQ(names.authenticate(of_a_page).error().kind, ErrorKind::denied);
}

TEST(OwnNames, ThatAreNoneAreRefused) {
  EXPECT_EQ(OwnNames("anybody", {"a/b"}).listens_on("127.0.0.1", 8002).error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace signalbox::http
