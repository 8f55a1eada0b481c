#include "instruments/profile/exchange/pyroscope_request.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

using namespace std::string_literals;

TEST(PyroscopeRequest, NamesAnAppItsLabelsAndItsTime) {
  const PyroscopeRequest request =
      pyroscope_request(
          {{"name", "shop.cpu{region=eu, team=a=b,}"}, {"from", "1700000000"}, {"format", "pprof"}})
          .value();
  EXPECT_EQ(request.app, "shop.cpu");
  ASSERT_EQ(request.labels.size(), 2U);
  EXPECT_EQ(request.labels[0], (std::pair<std::string, std::string>("region", "eu")));
  EXPECT_EQ(request.labels[1], (std::pair<std::string, std::string>("team", "a=b")));
  EXPECT_EQ(to_rfc3339(*request.from), "2023-11-14T22:13:20Z");
  for (const char* from : {"1700000000000", "1700000000000000", "1700000000000000000"})
    EXPECT_EQ(pyroscope_request({{"name", "a"}, {"from", from}})->from, request.from) << from;
  EXPECT_FALSE(pyroscope_request({{"name", "a{}"}, {"from", "now-10s"}})->from);
}

TEST(PyroscopeRequest, WhatIsNoNameIsRefused) {
  for (const char* name : {"", " ", "{a=b}", "\t{a=b}", "app{a=b", "app{nonsense}", "app{=b}"})
    EXPECT_EQ(pyroscope_request({{"name", name}}).error().kind, ErrorKind::bad_input) << name;
  EXPECT_EQ(pyroscope_request({}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(pyroscope_request({{"name", "a"}, {"format", "jfr"}}).error().kind, ErrorKind::bad_input);
}

TEST(PyroscopeRequest, TheProfileIsFoundInAForm) {
  const std::string body =
      "--xy\r\nContent-Disposition: form-data; name=\"config\"; filename=\"c\"\r\n\r\n{}\r\n"
      "--xy\r\nContent-Disposition: form-data; name=\"profile\"; filename=\"p\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n\x1f\x8b\0\r\n--x\r\n--xy--\r\n"s;
  EXPECT_EQ(profile_in_body("multipart/form-data; boundary=xy", body).value(), "\x1f\x8b\0\r\n--x"s);
  EXPECT_EQ(profile_in_body("Multipart/Form-Data; boundary=\"xy\"", "preamble\r\n" + body).value(),
            "\x1f\x8b\0\r\n--x"s);
  EXPECT_EQ(profile_in_body("binary/octet-stream", "a;b 1").value(), "a;b 1");
  EXPECT_EQ(profile_in_body("", "a;b 1").value(), "a;b 1");
}

TEST(PyroscopeRequest, AFormThatIsCutIsRefused) {
  const std::string body =
      "--xy\r\nContent-Disposition: form-data; name=\"profile\"\r\n\r\nabc\r\n--xy--\r\n";
  ASSERT_EQ(profile_in_body("multipart/form-data; boundary=xy", body).value(), "abc");
  const std::size_t whole = body.find("\r\n--xy--") + 6;
  for (std::size_t length = 0; length < whole; ++length) {
    EXPECT_EQ(profile_in_body("multipart/form-data; boundary=xy", body.substr(0, length)).error().kind,
              ErrorKind::bad_input)
        << length;
  }
  for (const char* type :
       {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\""})
    EXPECT_EQ(profile_in_body(type, body).error().kind, ErrorKind::bad_input) << type;
  EXPECT_EQ(profile_in_body("multipart/form-data; boundary=zz", body).error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace signalbox::profile
