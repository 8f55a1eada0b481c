// A server's log copied to this machine, by several at once.
#include "core/remote/mirror.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/evidence/envelope.hpp"
#include "core/evidence/statement.hpp"
#include "core/remote/served_fixture.hpp"
#include "core/store/database.hpp"

namespace signalbox::remote {
namespace {

namespace ev = evidence;

class Mirrored : public ::testing::Test {
 protected:
  Mirrored() { ::setenv("XDG_CACHE_HOME", home_.path().c_str(), 1); }

  void grow_to(int size) {
    for (auto number = static_cast<int>(ledger_.size()); number < size; ++number) {
      ev::Statement statement;
      statement.subjects = {{"r", {{"gitCommit", std::string(40, 'a')}}}};
      statement.predicate_type = "https://signalbox.dev/evidence/document/v1";
      statement.predicate = Json::object({{"number", number}});
      const std::string payload = ev::write_statement(statement).value();
      ASSERT_TRUE(
          ledger_.append({ev::write_envelope(ev::sign_envelope(ev::kPayloadType, payload, {&signer_}))}));
    }
    publish(folder_, ledger_);
  }
  // By somebody who remembers nothing but what is in that folder.
  Result<Mirror> mirror(const std::string& memory, const std::function<void()>& meanwhile = {}) {
    const auto look = [&](const SignedState&) {
      if (meanwhile) meanwhile();
      return true;
    };
    return mirror_log(folder_.server(), {{log_key_}, ev::CheckpointMemory(home_.path() / memory), look},
                      std::chrono::steady_clock::now() + std::chrono::minutes(2), {});
  }
  Json consistency(std::uint64_t from, std::uint64_t to) const {
    Json list = Json::array();
    const std::vector<Sha256> proof = ledger_.prove_consistency(from, to).value();
    for (const Sha256& hash : proof) list.push_back(to_hex(hash));
    return Json::object({{"proof", std::move(list)}});
  }
  static std::uint64_t size_of(const Mirror& mirror) {
    const auto database = store::open_database(mirror.store).value();
    return ev::Ledger::open_read_only(*database)->size();
  }

  TemporaryDirectory home_;
  ServedFolder folder_;
  FixedClock clock_{Time(Duration(1'750'000'000'000))};
  ev::SigningKey signer_ = ev::SigningKey::generate("builder");
  ev::SigningKey generated_ = ev::SigningKey::generate("test-log");
  ev::PublicKey log_key_ = generated_.public_key();
  std::unique_ptr<store::Database> database_ =
      store::open_database("sqlite:" + (home_.path() / "log.db").string()).value();
  ev::Ledger ledger_ = ev::Ledger::open(*database_, clock_, std::move(generated_)).value();
};

// Both read the same server; the second is done before the first begins to copy.
TEST_F(Mirrored, ACopyThatAnotherBroughtFurtherMeanwhileIsNoRollback) {
  grow_to(3);
  bool is_first = true;
  const auto first = mirror("first", [&] {
    if (!std::exchange(is_first, false)) return;
    grow_to(5);
    const auto second = mirror("second");
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->fresh, 5U);
    folder_.put(WrittenLog::consistency_path(3, 5), consistency(3, 5));
  });
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->state.checkpoint.size, 5U);
  EXPECT_EQ(first->fresh, 0U);
  EXPECT_EQ(size_of(*first), 5U);
}

TEST_F(Mirrored, AServerThatShowsLessThanWasCopiedIsCaught) {
  grow_to(3);
  const std::string older = ledger_.checkpoint().value();
  grow_to(5);
  ASSERT_TRUE(mirror("first"));
  folder_.put("/api/v1/evidence/status", Json::object({{"checkpoint", older}}));
  const auto caught = mirror("second");
  ASSERT_FALSE(caught);
  EXPECT_EQ(caught.error().kind, ErrorKind::conflict);
  EXPECT_NE(caught.error().message.find("rollback: the log test-log has 3 entries, and 5 are here"),
            std::string::npos)
      << caught.error().message;
}

}  // namespace
}  // namespace signalbox::remote
