// What the tests of the ledger and of the sequencer share: a store of each engine, a signer, a log key.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/evidence/ledger.hpp"
#include "core/store/testing.hpp"

namespace signalbox::evidence {

class LedgerFixture : public ::testing::TestWithParam<store::Engine> {
 protected:
  LedgerFixture()
      : signer_(SigningKey::generate("builder")),
        log_key_text_(SigningKey::generate("test-log").serialize({})) {}
  void SetUp() override {
    if (!store_.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  }

  std::unique_ptr<store::Database> open_store() const { return store_.open(); }
  SigningKey log_key() const { return std::move(*SigningKey::parse(log_key_text_, {})); }
  Ledger open(store::Database& database) const {
    auto ledger = Ledger::open(database, clock_, log_key());
    EXPECT_TRUE(ledger) << (ledger ? "" : ledger.error().message);
    return std::move(*ledger);
  }
  std::string envelope(int number, const std::string& commit = std::string(40, 'a')) const {
    Statement statement;
    statement.subjects = {{"r", {{"gitCommit", commit}}}};
    statement.predicate_type = "https://signalbox.dev/evidence/document/v1";
    statement.predicate = Json::object({{"number", number}});
    const auto payload = write_statement(statement);
    EXPECT_TRUE(payload);
    return write_envelope(sign_envelope(kPayloadType, *payload, {&signer_}));
  }
  // The whole log is sound and has `size` entries.
  void expect_whole_log(std::uint64_t size) const {
    const auto database = open_store();
    const auto ledger = Ledger::open_read_only(*database);
    ASSERT_TRUE(ledger);
    EXPECT_EQ(ledger->size(), size);
    const auto audit = ledger->audit();
    ASSERT_TRUE(audit) << audit.error().message;
    EXPECT_TRUE(audit->failures.empty()) << audit->failures.front();
  }

  store::testing::ScratchStore store_{GetParam()};
  SigningKey signer_;
  std::string log_key_text_;
  FixedClock clock_{Time(Duration(1'750'000'000'000))};
};

inline std::string name_of_engine(const ::testing::TestParamInfo<store::Engine>& test) {
  return store::testing::name_of(test.param);
}

}  // namespace signalbox::evidence
