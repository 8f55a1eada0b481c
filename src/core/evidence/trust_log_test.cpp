// Whose checkpoints are believed, and of when.
#include <gtest/gtest.h>

#include "core/evidence/trust.hpp"

namespace signalbox::evidence {
namespace {

class LogKeys : public ::testing::Test {
 protected:
  // A trust file with one key of the role log, with these terms, and one of a builder.
  Trust trust(const std::string& terms) const {
    return parse_trust(config::parse_yaml("keys:\n  - {vkey: \"" + log_.vkey() + "\", roles: [log]" + terms +
                                              "}\n  - {vkey: \"" + builder_.vkey() +
                                              "\", roles: [builder]}\n",
                                          "trust.yaml")
                           .value())
        .value();
  }
  static Time at(const char* text) { return parse_rfc3339(text).value(); }
  bool believed(const Trust& trust, const char* time) const {
    const auto keys = log_keys_of(trust, at(time));
    EXPECT_EQ(keys.empty(), !objection_to_log(trust, log_, at(time)).empty());
    return keys.size() == 1 && keys.front().same_key(log_);
  }

  const PublicKey log_ = SigningKey::generate("a-log").public_key();
  const PublicKey builder_ = SigningKey::generate("builder").public_key();
};

TEST_F(LogKeys, AreThoseOfTheRoleLogAndNoOthers) {
  EXPECT_TRUE(believed(trust(""), "2026-01-01T00:00:00Z"));
  EXPECT_EQ(past_log_keys_of(trust("")).size(), 1U);
  EXPECT_EQ(objection_to_log(trust(""), SigningKey::generate("stranger").public_key(), Time{}), "");
}

TEST_F(LogKeys, CountUntilTheyExpireOrAreRevokedAndFromWhenTheyAreValid) {
  for (const char* terms : {", not_after: 2026-06-01T00:00:00Z", ", revoked_at: 2026-06-01T00:00:00Z"}) {
    EXPECT_TRUE(believed(trust(terms), "2026-05-31T23:59:59Z")) << terms;
    EXPECT_FALSE(believed(trust(terms), "2026-06-01T00:00:00Z")) << terms;
    EXPECT_EQ(past_log_keys_of(trust(terms)).size(), 1U) << "what was signed before stands";
  }
  EXPECT_FALSE(believed(trust(", not_before: 2026-06-01T00:00:00Z"), "2026-05-31T23:59:59Z"));
  EXPECT_TRUE(believed(trust(", not_before: 2026-06-01T00:00:00Z"), "2026-06-01T00:00:00Z"));
}

TEST_F(LogKeys, NeverCountWhereTheirRevocationReachesBack) {
  const Trust stolen = trust(", revoked_at: 2026-06-01T00:00:00Z, reason: stolen, retroactive: true");
  EXPECT_FALSE(believed(stolen, "2026-01-01T00:00:00Z"));
  EXPECT_TRUE(past_log_keys_of(stolen).empty());
  EXPECT_EQ(objection_to_log(stolen, log_, at("2026-01-01T00:00:00Z")),
            "revoked at 2026-06-01T00:00:00Z: stolen");
}

}  // namespace
}  // namespace signalbox::evidence
