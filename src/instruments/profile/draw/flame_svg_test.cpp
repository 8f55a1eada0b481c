#include "instruments/profile/draw/flame_svg.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <expat.h>
#include <gtest/gtest.h>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/draw/amount_text.hpp"
#include "instruments/profile/draw/flame_data.hpp"
#include "instruments/profile/draw/flame_difference.hpp"
#include "instruments/profile/draw/flame_style.hpp"
#include "instruments/profile/draw/testing.hpp"

namespace signalbox::profile {
namespace {

using testing::profile_of_folded;

// What expat reads in a document.
struct Document {
  std::map<std::string, int> elements;
  std::vector<std::string> attributes;      // names
  std::vector<std::string> addresses;       // values of href, src and the like
  std::map<std::string, std::string> text;  // by the element it is directly in
  std::vector<std::string> open;
  std::vector<std::string> titles;
  std::string error;
};

Document read_xml(const std::string& markup) {
  Document document;
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate("UTF-8"),
                                                                            &XML_ParserFree);
  XML_SetUserData(parser.get(), &document);
  XML_SetElementHandler(
      parser.get(),
      [](void* data, const char* name, const char** attributes) {
        auto& out = *static_cast<Document*>(data);
        ++out.elements[name];
        out.open.emplace_back(name);
        if (out.open.back() == "title") out.titles.emplace_back();
        for (; *attributes != nullptr; attributes += 2) {
          out.attributes.emplace_back(attributes[0]);
          const std::string_view attribute = attributes[0];
          if (attribute.ends_with("href") || attribute == "src") out.addresses.emplace_back(attributes[1]);
        }
      },
      [](void* data, const char*) { static_cast<Document*>(data)->open.pop_back(); });
  XML_SetCharacterDataHandler(parser.get(), [](void* data, const char* text, int size) {
    auto& out = *static_cast<Document*>(data);
    const std::string piece(text, static_cast<std::size_t>(size));
    out.text[out.open.back()] += piece;
    if (out.open.back() == "title") out.titles.back() += piece;
  });
  if (XML_Parse(parser.get(), markup.data(), static_cast<int>(markup.size()), XML_TRUE) != XML_STATUS_OK)
    document.error = XML_ErrorString(XML_GetErrorCode(parser.get()));
  return document;
}

}  // namespace

TEST(FlameSvg, IsWellFormedAndAsksForNothing) {
  const Profile profile = profile_of_folded("main;parse;read 30\nmain;parse 20\nmain;emit 50\n");
  const Document document = read_xml(render_flame_svg(make_flame_tree(profile)));
  EXPECT_EQ(document.error, "");
  EXPECT_TRUE(document.addresses.empty());
  for (const std::string& attribute : document.attributes)
    EXPECT_FALSE(attribute.starts_with("on")) << attribute;
}

TEST(FlameSvg, WithoutScriptsThereIsABoxWithATitleForEachFrame) {
  const Profile profile = profile_of_folded("main;parse;read 30\nmain;parse 20\nmain;emit 50\n");
  const Document document = read_xml(render_flame_svg(make_flame_tree(profile)));
  const std::vector<std::string> expected{"all\n100 · 100.0 % (96.3–100.0 %)",
                                          "main\n100 · 100.0 % (96.3–100.0 %)",
                                          "emit\n50 · 50.0 % (40.4–59.6 %) · self 50.0 % (40.4–59.6 %)",
                                          "parse\n50 · 50.0 % (40.4–59.6 %) · self 20.0 % (13.3–28.9 %)",
                                          "read\n30 · 30.0 % (21.9–39.6 %) · self 30.0 % (21.9–39.6 %)"};
  std::vector<std::string> titles(document.titles.begin() + 1, document.titles.end());
  std::sort(titles.begin(), titles.end());
  std::vector<std::string> sorted = expected;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(titles, sorted);
}

// Deep stacks that were seen once each, beside one that was seen often.
Profile many_small_stacks() {
  std::string folded = "main;often 30000\n";
  for (int i = 0; i < 4'000; ++i)
    folded += "main;once" + std::to_string(i) + ";below;and below;still further 1\n";
  return profile_of_folded(folded);
}

TEST(FlameSvg, FitsIntoAMail) {
  const Profile profile = many_small_stacks();
  FlameOptions whole;
  whole.prune_share = 0;
  ASSERT_GT(render_flame_svg(make_flame_tree(profile, whole)).size(), 200'000U);
  const auto make = [&](double share) {
    FlameOptions options;
    options.prune_share = share;
    return make_flame_tree(profile, options);
  };
  const std::string svg = fitted_flame_svg(make, 0, 120'000);
  EXPECT_LE(svg.size(), 120'000U);
  EXPECT_EQ(read_xml(svg).error, "");
  EXPECT_NE(svg.find("[smaller than "), std::string::npos);
  EXPECT_NE(svg.find("samples=\"34000\""), std::string::npos);  // no total changes
  EXPECT_NE(svg.find(">often<"), std::string::npos);
  // What fits is as it is.
  EXPECT_EQ(fitted_flame_svg(make, 0), render_flame_svg(make(0)));
}

TEST(FlameSvg, SliversOfAColourAreOnePath) {
  FlameOptions whole;
  whole.prune_share = 0;
  const FlameTree tree = make_flame_tree(profile_of_folded("m;a 9990\nm;b1 5\nm;b2 5\n"), whole);
  const Document document = read_xml(render_flame_svg(tree));
  EXPECT_EQ(document.error, "");
  // The hatching's, and one for each shade of b1 and b2.
  EXPECT_GE(document.elements.at("path"), 2);
  EXPECT_LE(document.elements.at("path"), 3);
  const auto is_of_a_sliver = [](const std::string& title) {
    return title.starts_with("b1") || title.starts_with("b2");
  };
  EXPECT_EQ(std::count_if(document.titles.begin(), document.titles.end(), is_of_a_sliver), 0);
}

TEST(FlameSvg, TheMeasurementIsInItsMetadata) {
  Profile profile = profile_of_folded("main 3\n");
  profile.annotations = {{"command", "./a --name \"<b>&\""}, {"host", "build-7"}};
  profile.comments = {"from another tool"};
  const Document document = read_xml(render_flame_svg(make_flame_tree(profile)));
  EXPECT_EQ(document.error, "");
  EXPECT_EQ(document.text.at("fact"), "./a --name \"<b>&\"build-73from another tool");
  EXPECT_EQ(document.titles.front(), "Samples of ./a --name \"<b>&\"");
}

TEST(FlameStyle, AProfileOfWaitsSaysHowManyWaits) {
  ProfileBuilder builder({ValueType{"samples", "count"}, ValueType{"offcpu", "nanoseconds"}});
  const std::int64_t values[] = {3, 5'000'000};
  builder.add({builder.stack(0, builder.synthetic("[waits for a processor]"))}, values);
  builder.profile().default_value = 1;
  builder.profile().annotations = {{"command", "app"}, {"samples", "3"}, {"waits", "3"}};
  const FlameTree tree = make_flame_tree(std::move(builder).finish());
  EXPECT_EQ(title_of(tree, {}), "Time off CPU of app");
  EXPECT_EQ(subtitle_of(tree), std::vector<std::string>{"3 waits"});
}

TEST(FlameSvg, HostileNamesAreTextEverywhere) {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const std::int64_t value[] = {1};
  const std::string hostile[] = {"<script>alert(1)</script>",
                                 "\" onload=\"alert(1)",
                                 "]]></script><script>alert(1)//",
                                 "turned \u202e around",
                                 std::string("nul\0here", 8),
                                 "\xff\xfe",
                                 "\uFFFF",
                                 "&amp;<!--",
                                 std::string(1 << 20, 'A') + "<int>"};
  for (const std::string& name : hostile) {
    const StackId stack = builder.stack(0, builder.frame({builder.function(name)}));
    builder.add({stack, 0, 0, -1}, value);
  }
  builder.profile().annotations = {{"command", "\x01 ]]> <script>"}};
  const std::string svg = render_flame_svg(make_flame_tree(std::move(builder).finish()));
  const Document document = read_xml(svg);
  EXPECT_EQ(document.error, "");
  EXPECT_EQ(document.elements.at("script"), 2);
  EXPECT_EQ(svg.find("alert(1)</script>"), std::string::npos);
  EXPECT_EQ(svg.find("\u202e"), std::string::npos);
  EXPECT_LT(svg.size(), 200'000U);
  EXPECT_NE(svg.find("octets in all"), std::string::npos);
  for (const std::string& attribute : document.attributes)
    EXPECT_FALSE(attribute.starts_with("on")) << attribute;
}

TEST(FlameSvg, AnEmptyProfileSaysSo) {
  const std::string svg = render_flame_svg(make_flame_tree(profile_of_folded("")));
  EXPECT_EQ(read_xml(svg).error, "");
  EXPECT_NE(svg.find("Nothing was measured."), std::string::npos);
}

TEST(FlameSvg, ADifferenceListsWhatIsGone) {
  const FlameTree tree =
      make_flame_difference(profile_of_folded("m;kept 5\nm;gone<x> 5\n"), profile_of_folded("m;kept 5\n"));
  const std::string svg = render_flame_svg(tree);
  EXPECT_EQ(read_xml(svg).error, "");
  EXPECT_NE(svg.find("In the base, gone now"), std::string::npos);
  EXPECT_NE(svg.find("gone&lt;x&gt; ← m"), std::string::npos);
}

// Read as the format is described in flame_data.hpp: three numbers for the root and two levels.
TEST(FlameData, IsTheTreeInPreorder) {
  const FlameTree tree = make_flame_tree(profile_of_folded("m;a 2\nm;b 300\n", 10));
  const Json data = parse_json(flame_data_json(tree, {})).value();
  EXPECT_EQ(data["units"].dump(), "[10]");
  EXPECT_EQ(from_base64(data["nodes"].as_string()).value(), std::string("\x00"
                                                                        "\x00\x01\x00"
                                                                        "\x00\x02\x02"
                                                                        "\x01\x03\xac\x02",
                                                                        11));
  EXPECT_EQ(data["names"].dump(), R"(["","all","m","a","b"])");
}

TEST(AmountText, HasThreeDigitsThatCount) {
  EXPECT_EQ(amount_text(0, "nanoseconds"), "0 ns");
  EXPECT_EQ(amount_text(1'234'567'890, "nanoseconds"), "1.23 s");
  EXPECT_EQ(amount_text(31'000'000, "nanoseconds"), "31.0 ms");
  EXPECT_EQ(amount_text(999'999, "nanoseconds"), "1.00 ms");
  EXPECT_EQ(amount_text(12345, "count"), "12,345");
  EXPECT_EQ(amount_text(-1234567, "count"), "-1,234,567");
  EXPECT_EQ(amount_text(4'404'019, "bytes"), "4.20 MiB");
  EXPECT_EQ(amount_text(7, "objects"), "7 objects");
}

}  // namespace signalbox::profile
