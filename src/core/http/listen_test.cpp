#include "core/http/listen.hpp"

#include <string>

#include <gtest/gtest.h>

namespace signalbox::http {
namespace {

TEST(Listen, AddressAndPortAreReadInEveryUsualForm) {
  const auto read = [](const char* text) {
    const Listen listen = parse_listen(text, 7'420).value();
    return listen.address + " " + std::to_string(listen.port) + (listen.port_is_given ? "" : " usual");
  };
  EXPECT_EQ(read("8080"), "127.0.0.1 8080");
  EXPECT_EQ(read("0"), "127.0.0.1 0");
  EXPECT_EQ(read("localhost:80"), "127.0.0.1 80");
  EXPECT_EQ(read("0.0.0.0"), "0.0.0.0 7420 usual");
  EXPECT_EQ(read("[::1]:8080"), "::1 8080");
  EXPECT_EQ(read("::1"), "::1 7420 usual");
  EXPECT_EQ(read("[::]"), ":: 7420 usual");
  for (const char* text : {"", ":", ":80", "box:80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "[::1",
                           "[::1]x", "127.0.0.1:80x", "1.2.3", "70000"})
    EXPECT_FALSE(parse_listen(text, 7'420)) << text;
}

}  // namespace
}  // namespace signalbox::http
