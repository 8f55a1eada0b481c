#include "instruments/train/gating/summaries.hpp"

#include <gtest/gtest.h>

#include "core/gates/placeholders.hpp"

namespace signalbox::train {
namespace {

using gates::SummaryForm;

Result<Summaries> parse(const std::string& yaml) {
  return parse_summaries(config::parse_yaml("summaries: " + yaml, "s.yaml").value()["summaries"]);
}

TEST(Summaries, AreNoneWhereNothingAsksForThem) {
  const auto none = parse_summaries(config::parse_yaml("a: b", "s.yaml").value()["summaries"]);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->forms.empty());
  EXPECT_TRUE(parse("[]")->forms.empty());
}

TEST(Summaries, AreAListOfFormsOrAMapThatNamesVerifierAndResource) {
  EXPECT_EQ(parse("vsa")->forms, std::vector{SummaryForm::vsa});
  EXPECT_EQ(parse("[svr, vsa]")->forms, (std::vector{SummaryForm::svr, SummaryForm::vsa}));
  EXPECT_EQ(parse("[svr]")->verifier, "https://signalbox.dev/train");
  const auto map =
      parse("\n  forms: [vsa]\n  verifier: https://ci.example/t\n  resource: pkg:generic/a@{version}\n");
  ASSERT_TRUE(map) << map.error().message;
  EXPECT_EQ(map->verifier, "https://ci.example/t");
  EXPECT_EQ(map->resource, "pkg:generic/a@{version}");
}

TEST(Summaries, ThatCannotBeMadeAreRefusedWithTheirPlace) {
  for (const char* bad :
       {"[vsa, vsa]", "[slsa]", "{verifier: 'https://a'}", "{forms: [vsa], verifier: nobody}",
        "{forms: [vsa], url: 'a:b'}", "{forms: [vsa], resource: 'pkg:a b'}",
        "{forms: [vsa], resource: 'pkg:a@{verson}'}"}) {
    const auto made = parse(bad);
    ASSERT_FALSE(made) << bad;
    EXPECT_EQ(made.error().kind, ErrorKind::bad_input) << bad;
    EXPECT_NE(made.error().message.find("s.yaml:1:"), std::string::npos) << made.error().message;
  }
}

// What a value brings is not looked at again, and braces that stand for nothing stay.
TEST(Placeholders, AreFilledOnce) {
  EXPECT_EQ(gates::filled("a-{tag}-{version}{x}{", {{"{version}", "1"}, {"{tag}", "{version}"}}),
            "a-{version}-1{x}{");
  EXPECT_EQ(gates::filled("", {{"{tag}", "v"}}), "");
}

}  // namespace
}  // namespace signalbox::train
