#include "instruments/profile/draw/flame_html.hpp"

#include <string>

#include <gtest/gtest.h>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "instruments/profile/draw/flame_data.hpp"
#include "instruments/profile/draw/testing.hpp"

namespace signalbox::profile {
namespace {

std::size_t occurrences(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

// m;a at 0 ms and 20 ms, m;b;deep at 10 ms, on two threads.
Profile timed() {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const StackId m = builder.stack(0, builder.frame({builder.function("m")}));
  const StackId a = builder.stack(m, builder.frame({builder.function("a")}));
  const StackId b = builder.stack(m, builder.frame({builder.function("b")}));
  const StackId deep = builder.stack(b, builder.frame({builder.function("deep")}));
  const ThreadId one = builder.thread({1, 1, builder.string("one"), {}});
  const ThreadId two = builder.thread({1, 2, builder.string("two"), {}});
  const std::int64_t value[] = {1};
  builder.append({a, one, 0, 20'000'000}, value);
  builder.append({a, one, 0, 0}, value);
  builder.append({deep, two, 0, 10'000'000}, value);
  return std::move(builder).finish();
}

}  // namespace

TEST(FlameMoments, SamplesAreInTheOrderOfTimeOnTheNodesThatAreDrawn) {
  const FlameTree tree = make_flame_tree(timed(), page_options());
  ASSERT_EQ(tree.moments.size(), 3U);
  const auto name = [&](std::size_t i) { return tree.frames[tree.nodes[tree.moments[i].node].frame].name; };
  EXPECT_EQ(tree.moments[1].time_ns, 10'000'000);
  EXPECT_EQ(name(0) + name(1) + name(2), "adeepa");
  EXPECT_EQ(tree.threads[tree.moments[1].thread], "two 2");
}

TEST(FlameMoments, WhatIsTooSmallToDrawStaysInTime) {
  FlameOptions options = page_options();
  options.prune_share = 0.5;
  const FlameTree tree = make_flame_tree(timed(), options);
  ASSERT_EQ(tree.moments.size(), 3U);
  const FlameNode& node = tree.nodes[tree.moments[1].node];
  EXPECT_EQ(tree.frames[node.frame].name, "[smaller than 50 %]");
  EXPECT_EQ(node.now.self, 1);
}

TEST(FlameData, MomentsAreStepsOfTime) {
  const Json data = parse_json(flame_data_json(make_flame_tree(timed(), page_options()), {})).value();
  // all 0, m 1, a 2, b 3, deep 4; threads 1 and 2.
  EXPECT_EQ(from_base64(data["moments"].as_string()).value(), std::string("\x00\x02\x01\x01"
                                                                          "\x64\x04\x02\x01"
                                                                          "\x64\x02\x01\x01",
                                                                          12));
}

TEST(FlameHtml, HostileNamesEndNoScript) {
  const std::string html = render_flame_html(make_flame_tree(
      testing::profile_of_folded("</script><script>alert(1)</script>;<!--<script> 3\n"), page_options()));
  EXPECT_EQ(occurrences(html, "<script"), 2U);
  EXPECT_EQ(occurrences(html, "</script"), 2U);
  EXPECT_EQ(occurrences(html, "<!--"), 0U);
}

TEST(FlameHtml, ItsPolicyLetsNothingInButItsOwnScriptAndStyle) {
  const std::string html = render_flame_html(make_flame_tree(timed(), page_options()));
  const std::size_t begin = html.find("content=\"") + 9;
  const std::string policy = html.substr(begin, html.find('"', begin) - begin);
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'sha256-")) << policy;
  EXPECT_EQ(occurrences(policy, "unsafe"), 0U);
  EXPECT_EQ(
      occurrences(html, "http://") + occurrences(html, "https://"),
      occurrences(html, "'http://www.w3.org/"));  // names of what SVG and HTML are, which nobody asks for
}

}  // namespace signalbox::profile
