#include "core/evidence/trust_change.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/evidence/ledger_fixture.hpp"

namespace signalbox::evidence {
namespace {

class TrustChange : public LedgerFixture {
 protected:
  TrustChange()
      : ada_(SigningKey::generate("ada")),
        bob_(SigningKey::generate("bob")),
        eve_(SigningKey::generate("eve")) {}

  // A trust file with these root keys, of which `roots` have to agree.
  static Trust file(const std::vector<const SigningKey*>& keys, int roots, const std::string& more = "") {
    std::string text = fmt::format("roots: {}\nkeys:\n", roots);
    for (const SigningKey* key : keys)
      text += "  - {vkey: \"" + key->public_key().vkey() + "\", roles: [root]}\n";
    const auto node = config::parse_yaml(text + more, "trust.yaml");
    EXPECT_TRUE(node);
    const auto trust = parse_trust(*node);
    EXPECT_TRUE(trust) << (trust ? "" : trust.error().message);
    return trust.value_or(Trust());
  }
  void say(Ledger& ledger, const Trust* before, const Trust& after, const SigningKey& by) const {
    const auto statement = trust_change_statement(before, after);
    ASSERT_TRUE(statement) << statement.error().message;
    const auto payload = write_statement(*statement);
    ASSERT_TRUE(ledger.append({write_envelope(sign_envelope(kPayloadType, *payload, {&by}))}));
  }
  static TrustInForce in_force(const Ledger& ledger) {
    const auto found = trust_in_force(ledger);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found.value_or(TrustInForce());
  }

  SigningKey ada_, bob_, eve_;
};

TEST_P(TrustChange, IsInForceOnceEnoughRootKeysOfTheFileBeforeSaidSo) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  EXPECT_EQ(in_force(ledger).digest, "");
  const Trust first = file({&ada_, &bob_}, 2);
  say(ledger, nullptr, first, ada_);
  EXPECT_EQ(in_force(ledger).digest, "");
  say(ledger, nullptr, first, ada_);
  EXPECT_EQ(in_force(ledger).digest, "") << "one key twice is one key";
  say(ledger, nullptr, first, bob_);
  EXPECT_EQ(in_force(ledger).digest, first.digest);
  EXPECT_EQ(in_force(ledger).entry, 2U);
  EXPECT_EQ(in_force(ledger).by, (std::vector<std::string>{"ada", "bob"}));
  const Trust second = file({&ada_, &eve_}, 1);
  say(ledger, &first, second, ada_);
  EXPECT_EQ(in_force(ledger).digest, first.digest);
  say(ledger, &first, second, bob_);
  EXPECT_EQ(in_force(ledger).digest, second.digest);
  say(ledger, &second, first, eve_);
  EXPECT_EQ(in_force(ledger).digest, first.digest) << "the new file asks for one";
}

TEST_P(TrustChange, IsNotForAStrangerToSayNorForAKeyThatOnlyTheNewFileKnows) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  const Trust first = file({&ada_}, 1);
  say(ledger, nullptr, first, ada_);
  const Trust eves = file({&eve_}, 1);
  say(ledger, &first, eves, eve_);
  say(ledger, nullptr, eves, eve_);
  say(ledger, &eves, first, ada_);
  const TrustInForce found = in_force(ledger);
  EXPECT_EQ(found.digest, first.digest);
  ASSERT_EQ(found.passed_over.size(), 3U);
  EXPECT_EQ(found.passed_over[0], "entry 1: no root key signed it that had not before");
  EXPECT_EQ(found.passed_over[1], "entry 2: it follows another trust file than the one in force");
}

TEST_P(TrustChange, NamesWhoCameWhoWentAndWhoIsRevoked) {
  const Trust before = file({&ada_, &bob_}, 1);
  const Trust after = file({&ada_, &eve_}, 1,
                           "  - {vkey: \"" + signer_.public_key().vkey() +
                               "\", roles: [builder], revoked_at: 2026-01-01T00:00:00Z}\n");
  const auto statement = trust_change_statement(&before, after);
  ASSERT_TRUE(statement);
  const auto named = [](const SigningKey& key) {
    return key.public_key().name + " (" + key.public_key().id() + ")";
  };
  EXPECT_EQ(statement->predicate["added"].size(), 2U);
  EXPECT_EQ(statement->predicate["removed"].items().front().as_string(), named(bob_));
  EXPECT_EQ(statement->predicate["revoked"].items().front().as_string(), named(signer_));
  EXPECT_EQ(statement->predicate["changed"].size(), 0U);
  EXPECT_FALSE(trust_change_statement(&after, after));
}

TEST_P(TrustChange, OfAFileIsKnownByWhatItSaysAndNotByItsLayout) {
  const Trust one = file({&ada_}, 1);
  const auto again = config::parse_yaml(
      "# a comment\nkeys: [{roles: [root], vkey: \"" + ada_.public_key().vkey() + "\"}]\nroots: 1\n",
      "trust.yaml");
  ASSERT_TRUE(again);
  EXPECT_EQ(parse_trust(*again)->digest, one.digest);
  EXPECT_NE(file({&ada_, &bob_}, 1).digest, one.digest);
}

INSTANTIATE_TEST_SUITE_P(Stores, TrustChange,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

}  // namespace
}  // namespace signalbox::evidence
