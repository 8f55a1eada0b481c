// Values and wanted classifications are those of spinnaker/kayenta at a69573be (April 2025),
// kayenta-judge/src/test: ClassifierSuite, ScorerSuite, DetectorSuite. Its classifiers are tested at
// tolerance 0.1 and confidence 0.95; the judge itself uses 0.25 and 0.98, as ours does, and the classes are
// the same.
#include "instruments/train/judges/kayenta.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace signalbox::train::judges {
namespace {

using Rule = KayentaRule;
using Values = std::vector<double>;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const Values kTen = {
    9.7767343120109462, 10.587071850477695, 7.8375506388901766, 9.3243326886113884, 8.3774505409784421,
    8.9359264399606282, 8.2707663324728511, 9.7484308126716925, 11.623746715547156, 9.2753442679633942,
    8.1538047749171518, 10.562020975754294, 13.498135575451835, 11.054419256110332, 6.9538903590055092,
    12.521008342195479, 9.0216358603546443, 4.9234856699531662, 11.251360203607172, 11.598449508040337,
    8.435232204668182,  11.110228516867279, 10.70063380164755,  8.9212773652115249, 10.086167067942661,
    11.42107515483087,  9.3792347813644952, 7.7980320148552593, 10.62339807275746,  11.909642062063739};
const Values kTenToo = {
    11.1453586774086,   9.9618059885597017, 7.068574306369829,  7.3012661810483657, 9.7944630265656727,
    9.6037918603687302, 6.1867793350339388, 12.345599159550174, 10.371891733859533, 8.6094300785016724,
    9.913162673361084,  10.361375299003466, 14.206800387518818, 10.946153754753301, 10.215876627044048,
    11.739760899484603, 10.907627468626439, 12.823353694464775, 8.1018609771732137, 8.4981616408804932,
    12.113441374697231, 13.272210809932028, 10.114579381663297, 6.9463958767978067, 6.2105278541727778,
    10.160401684903775, 8.3457712066455461, 8.383822063895833,  7.0020205070083765, 10.755757401808442};
const Values kTwenty = {
    20.878412601720026, 21.78550581191622,  19.70828084717019,  15.859946903461562, 19.510058772176841,
    19.392005525270303, 22.926528314912101, 17.156530276709894, 18.655117916226171, 23.422607911610392,
    24.055817684156644, 22.62689958516501,  21.979472967817678, 21.659318607218694, 20.067707574072426,
    22.119570836305414, 16.44037132663307,  21.559622826341268, 21.000181443489218, 17.779369411412663,
    17.806006358943584, 18.537200618386109, 20.555550300210797, 19.552928184468378, 21.771118944087092,
    21.809622806176627, 20.961762909905271, 20.977571577503021, 19.106303205498794, 16.976918966987078};

Classification classified(const Values& canary, const Values& baseline, const Rule& rule = {}) {
  return classify(rule, baseline, canary).classification;
}

Rule directed(Rule::Direction direction) {
  Rule rule;
  rule.direction = direction;
  return rule;
}

Rule with_effects(double decrease, double increase) {
  Rule rule;
  rule.allowed_decrease = decrease;
  rule.allowed_increase = increase;
  return rule;
}

Rule critical() {
  Rule rule;
  rule.criticality = Rule::Criticality::critical;
  return rule;
}

TEST(Kayenta, ClassifiesItsOwnExamplesTheSame) {
  EXPECT_EQ(classified(kTen, kTenToo), Classification::pass);
  EXPECT_EQ(classified(kTwenty, kTenToo), Classification::high);
  EXPECT_EQ(classified(kTen, kTwenty), Classification::low);
  EXPECT_EQ(classified(kTen, kTwenty, directed(Rule::Direction::increase)), Classification::pass);
  EXPECT_EQ(classified(kTwenty, kTenToo, directed(Rule::Direction::decrease)), Classification::pass);
  EXPECT_EQ(classified(kTwenty, kTenToo, directed(Rule::Direction::increase)), Classification::high);
  EXPECT_EQ(classified(kTen, kTwenty, directed(Rule::Direction::decrease)), Classification::low);
  EXPECT_EQ(classified({1, 1, 1, 1, 10}, {1, 1, 1, 1, 1}), Classification::pass);
  EXPECT_EQ(classified({10, 10, 10, 10, 10}, {1, 1, 1, 1, 1}), Classification::high);
  EXPECT_EQ(classified({10, 10, 10, 10, 10}, {0, 0, 0, 0, 0}), Classification::high);
  EXPECT_EQ(classified({0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}), Classification::pass);
}

TEST(Kayenta, AnEffectThatCannotBeComputedExcusesNothing) {
  const Values fifty = {54.9, 54.5, 55.1, 55.6, 57.4};
  const Values zeros = {0, 0, 0, 0, 0};
  EXPECT_EQ(classified(fifty, zeros, with_effects(0.8, 1.2)), Classification::high);
  EXPECT_EQ(classified(zeros, fifty, with_effects(0.8, 1.2)), Classification::low);
  EXPECT_TRUE(std::isnan(classify({}, zeros, fifty).mean_ratio));
  Rule rule = critical();
  rule.critical_decrease = 0.8;
  rule.critical_increase = 1.2;
  rule.nan = Rule::Nan::replace;
  const ClassifiedMetric metric =
      classify(rule, Values(10, 0.0),
               Values{0.05000000074505806, 0.05000000074505806, 0.01666666753590107, 0.01666666753590107,
                      0.01666666753590107, 0.05000000074505806, 0.03333333507180214, 0.05000000260770321,
                      0.05000000260770321, 0.13333333656191826});
  EXPECT_EQ(metric.classification, Classification::high);
  EXPECT_TRUE(metric.fails_canary);
}

TEST(Kayenta, AnEffectSmallerThanAllowedPasses) {
  EXPECT_EQ(classified(kTwenty, kTenToo, with_effects(0.5, 1.9)), Classification::high);
  EXPECT_EQ(classified(kTwenty, kTenToo, with_effects(0.5, 2.5)), Classification::pass);  // twice the mean
  Rule cles = with_effects(0.4, 0.9);
  cles.effect = Rule::Effect::cles;
  EXPECT_EQ(classified(kTwenty, kTenToo, cles), Classification::high);  // all above
  cles.allowed_increase = 1.1;
  EXPECT_EQ(classified(kTwenty, kTenToo, cles), Classification::pass);
}

TEST(Kayenta, ACriticalMetricFailsTheCanaryFromItsCriticalEffectOn) {
  EXPECT_TRUE(classify(critical(), kTenToo, kTwenty).fails_canary);
  EXPECT_FALSE(classify({}, kTenToo, kTwenty).fails_canary);
  Rule rule = critical();
  rule.critical_increase = 3;
  const ClassifiedMetric metric = classify(rule, kTenToo, kTwenty);
  EXPECT_EQ(metric.classification, Classification::high);
  EXPECT_FALSE(metric.fails_canary);
}

TEST(Kayenta, WithoutDataTheRuleDecides) {
  Rule rule;
  EXPECT_EQ(classified({}, kTen), Classification::nodata);
  EXPECT_EQ(classified(kTen, {}), Classification::nodata);
  EXPECT_EQ(classified({kNaN, std::numeric_limits<double>::infinity()}, kTen), Classification::nodata);
  rule.data = Rule::Data::required;
  EXPECT_EQ(classified({}, kTen, rule), Classification::nodata_failed);
  EXPECT_FALSE(classify(rule, kTen, {}).fails_canary);
  rule.criticality = Rule::Criticality::critical;
  EXPECT_EQ(classified({}, kTen, rule), Classification::nodata);
  EXPECT_TRUE(classify(rule, kTen, {}).fails_canary);
  rule.nan = Rule::Nan::replace;
  EXPECT_EQ(classified({}, kTen, rule), Classification::pass);
}

TEST(Kayenta, NaNIsRemovedOrBecomesZero) {
  Rule rule;
  EXPECT_EQ(prepared(rule, Values{1, kNaN, 3}), (Values{1, 3}));
  rule.nan = Rule::Nan::replace;
  EXPECT_EQ(prepared(rule, Values{1, kNaN, 3}), (Values{1, 0, 3}));
}

TEST(Kayenta, OutliersLieBeyondTheFencesAndBeyondThePercentiles) {
  Rule rule;
  rule.outliers = Rule::Outliers::remove;
  rule.outlier_factor = 1.5;
  // DetectorSuite marks 50; the judge's wider fence is the 99th percentile, 48.53 here, and 50 is beyond it.
  EXPECT_EQ(prepared(rule, Values{21, 23, 24, 25, 50, 29, 23, 21}), (Values{21, 23, 24, 25, 29, 23, 21}));
  EXPECT_EQ(prepared(rule, Values{}), Values{});
  EXPECT_EQ(prepared(rule, Values{5}), Values{5});
  EXPECT_EQ(prepared(Rule{}, Values{1, 1, 1, 1, 1000}), (Values{1, 1, 1, 1, 1000}));
}

TEST(Kayenta, ConstantSidesAreComparedExactlyAndAlike) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(classified(Values(5, 1.0000001), Values(5, 1.0)), Classification::high);
    EXPECT_EQ(classified(Values(5, 0.9999999), Values(5, 1.0)), Classification::low);
    EXPECT_EQ(classified(Values(3, 1.0), Values(8, 1.0)), Classification::pass);
    EXPECT_EQ(classified({2}, {1}), Classification::high);
  }
}

// "P" pass, "H" high, "L" low, "N" no data, "R" required and not there; in capitals as they come: a critical
// one has "!" after it.
Score scored(const std::vector<std::pair<std::string, std::string>>& metrics,
             std::map<std::string, double> weights = {}) {
  std::vector<ScoredMetric> list;
  for (const auto& [word, group] : metrics) {
    const Classification classification = word[0] == 'P'   ? Classification::pass
                                          : word[0] == 'H' ? Classification::high
                                          : word[0] == 'L' ? Classification::low
                                          : word[0] == 'R' ? Classification::nodata_failed
                                                           : Classification::nodata;
    list.push_back({{group}, classification, word.ends_with('!')});
  }
  ScoreRule rule;
  rule.weights = std::move(weights);
  return score(list, rule);
}

TEST(KayentaScore, IsThatOfItsOwnExamples) {
  EXPECT_EQ(scored({{"P", "g"}}).value, 100);
  EXPECT_EQ(scored({{"H", "g"}}).value, 0);
  EXPECT_EQ(scored({{"N", "g"}}).value, 0);
  EXPECT_EQ(scored({{"P", "p"}, {"P", "p"}, {"N", "n"}}).value, 100);
  EXPECT_EQ(scored({{"P", "g"}, {"H", "g"}}).value, 50);
  EXPECT_EQ(scored({{"P", "g"}, {"H", "g"}, {"L", "g"}}).value, 33.33);
  EXPECT_EQ(scored({{"P", "1"}, {"P", "1"}, {"H", "2"}}, {{"1", 75}, {"2", 25}}).value, 75);
  EXPECT_EQ(scored({{"P", "1"}, {"H", "1"}, {"H", "2"}}, {{"1", 50}, {"2", 50}}).value, 25);
  EXPECT_EQ(scored({{"P", "1"}, {"N", "1"}, {"H", "2"}}, {{"1", 50}, {"2", 50}}).value, 50);
  EXPECT_EQ(scored({{"P", "g"}, {"H!", "g"}}).value, 0);
  EXPECT_EQ(scored({{"L", "g"}, {"P", "g"}}).value, 50);
  EXPECT_EQ(scored({{"P", "g"}, {"N!", "g"}}).value, 0);
  EXPECT_EQ(scored({{"H", "1"}, {"L", "1"}, {"P", "1"}, {"H", "2"}}, {{"1", 15}, {"2", 85}}).value, 5);
}

TEST(KayentaScore, GroupsThatAreNotNamedShareTheRest) {
  EXPECT_EQ(scored({{"P", "a"}, {"H", "b"}, {"P", "c"}}, {{"a", 60}}).value, 80);  // 60 + 20 + 0
  EXPECT_EQ(scored({{"P", "a"}, {"R", "a"}}).value, 50);
}

TEST(KayentaScore, WantOfDataIsToldApartFromFailure) {
  EXPECT_TRUE(scored({{"N", "g"}, {"P", "g"}}).lacks_data);
  EXPECT_FALSE(scored({{"N", "g"}, {"P", "g"}, {"P", "g"}}).lacks_data);
  EXPECT_TRUE(scored({{"N!", "g"}, {"P", "g"}, {"P", "g"}}).lacks_data);
  EXPECT_FALSE(scored({{"N!", "g"}, {"H!", "g"}}).lacks_data);
  EXPECT_FALSE(scored({{"H", "g"}}).lacks_data);
}

TEST(KayentaScore, SettingsAreReadWithTheirPlaces) {
  const auto parsed = [](std::string_view yaml) {
    return parse_score(config::parse_yaml(yaml, "s.yaml").value()["score"]);
  };
  const ScoreRule rule = parsed("score: {pass: 90, marginal: 60, groups: {errors: 70, load: 30}}\n").value();
  EXPECT_EQ(rule.pass, 90);
  EXPECT_EQ(rule.marginal, 60);
  EXPECT_EQ(rule.weights.at("errors"), 70);
  EXPECT_EQ(parsed("x: 1\n").value().pass, 95);
  for (const char* bad :
       {"score: {pass: 101}\n", "score: {pass: 50, marginal: 60}\n", "score: {groups: {a: 80, b: 30}}\n",
        "score: {pas: 3}\n", "score: {pass: high}\n"}) {
    const auto refused = parsed(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().message.substr(0, 9), "s.yaml:1:") << refused.error().message;
  }
}

}  // namespace
}  // namespace signalbox::train::judges
