// evidence.admit: trusted — only what a trusted key signed enters, and what is refused harms nothing else.
#include "core/evidence/admission.hpp"

#include <set>
#include <thread>

#include <unistd.h>

#include "core/base/killed_writer.hpp"
#include "core/evidence/ledger_fixture.hpp"
#include "core/evidence/sequencer.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::string_view kType = "https://signalbox.dev/evidence/document/v1";

// A statement about one commit, with another number in each.
std::string payload_of(int number) {
  Statement statement;
  statement.subjects = {{"shop", {{"gitCommit", std::string(40, 'a')}}}};
  statement.predicate_type = std::string(kType);
  statement.predicate = Json::object({{"number", number}});
  return write_statement(statement).value_or("");
}

std::string signed_by(const std::vector<const SigningKey*>& keys, int number = 1) {
  return write_envelope(sign_envelope(kPayloadType, payload_of(number), keys));
}

TrustedKey trusted(const SigningKey& key) {
  TrustedKey out;
  out.key = key.public_key();
  out.roles = {"builder"};
  return out;
}

class AdmissionRules : public ::testing::Test {
 protected:
  // Empty: admitted.
  std::string refusal(const std::string& envelope) const {
    Trust trust;
    trust.keys = keys_;
    const auto candidate = read_candidate(envelope, admit_trusted(trust, clock_));
    if (candidate) return {};
    EXPECT_EQ(candidate.error().kind, ErrorKind::bad_input);
    EXPECT_NE(candidate.error().hint.find("evidence.admit"), std::string::npos);
    return candidate.error().message;
  }
  // What is said of a signer by that key.
  std::string refused(const SigningKey& key, const std::string& why) const {
    return "signed by no key that counts here: " + key.public_key().name + " (" + key.public_key().id() +
           "): " + why;
  }

  const Time now_{Duration(1'750'000'000'000)};
  FixedClock clock_{now_};
  const SigningKey builder_ = SigningKey::generate("builder");
  const SigningKey other_ = SigningKey::generate("other");
  std::vector<TrustedKey> keys_ = {trusted(builder_)};
};

TEST_F(AdmissionRules, WhatATrustedKeySignedIsAdmitted) {
  EXPECT_EQ(refusal(signed_by({&builder_})), "");
  EXPECT_EQ(refusal(signed_by({&other_, &builder_})), "");
}

TEST_F(AdmissionRules, WhatNoneSignedIsRefusedNamingEachSigner) {
  EXPECT_EQ(refusal(signed_by({&other_})),
            "signed by no key that counts here: " + other_.public_key().id() + ": unknown key");
  keys_.push_back(trusted(other_));
  keys_.back().revoked_at = now_;
  keys_.back().revocation_reason = "stolen";
  EXPECT_EQ(refusal(signed_by({&other_})), refused(other_, "revoked at 2025-06-15T15:06:40Z: stolen"));
  EXPECT_EQ(refusal(signed_by({&other_, &builder_})), "");
}

TEST_F(AdmissionRules, AKeyCountsFromItsBeginningToBeforeItsEndAndForWhatItMaySign) {
  keys_[0].not_before = now_ + Duration(1);
  EXPECT_EQ(refusal(signed_by({&builder_})),
            refused(builder_, "not yet valid, only from 2025-06-15T15:06:40.001Z"));
  keys_[0].not_before = now_;
  EXPECT_EQ(refusal(signed_by({&builder_})), "");
  keys_[0].not_after = now_;
  EXPECT_EQ(refusal(signed_by({&builder_})), refused(builder_, "expired at 2025-06-15T15:06:40Z"));
  keys_[0].not_after = now_ + Duration(1);
  EXPECT_EQ(refusal(signed_by({&builder_})), "");
  keys_[0].types = {"https://signalbox.dev/evidence/tests/*"};
  EXPECT_EQ(refusal(signed_by({&builder_})),
            refused(builder_, "out of scope: may not sign " + std::string(kType)));
  keys_[0].types = {std::string(kType)};
  keys_[0].subjects = {"shop"};
  EXPECT_EQ(refusal(signed_by({&builder_})), "");
  keys_[0].subjects = {"bank"};
  EXPECT_EQ(refusal(signed_by({&builder_})), refused(builder_, "out of scope: may not speak of \"shop\""));
}

// The key id is a hint: it neither helps a signature that does not fit, nor hinders one that does.
TEST_F(AdmissionRules, TheKeyIdDecidesNothing) {
  Envelope envelope = sign_envelope(kPayloadType, payload_of(1), {&other_});
  envelope.signatures[0].keyid = builder_.public_key().id();
  EXPECT_EQ(refusal(write_envelope(envelope)),
            refused(builder_, "the signature does not fit what is signed"));
  envelope = sign_envelope(kPayloadType, payload_of(1), {&builder_});
  for (const std::string& keyid : {std::string(), std::string("another"), other_.public_key().id()}) {
    envelope.signatures[0].keyid = keyid;
    EXPECT_EQ(refusal(write_envelope(envelope)), "") << keyid;
  }
  envelope.payload = payload_of(2);
  envelope.signatures[0].keyid = "";
  EXPECT_EQ(refusal(write_envelope(envelope)),
            "signed by no key that counts here: a signature without key id: unknown key");
}

TEST_F(AdmissionRules, NoMoreVerificationsThanTheLimitAreDone) {
  std::vector<SigningKey> many;
  for (std::size_t i = 0; i < kMaxTrials; ++i) many.push_back(SigningKey::generate("k" + std::to_string(i)));
  for (const SigningKey& key : many) keys_.insert(keys_.end() - 1, trusted(key));
  Envelope envelope = sign_envelope(kPayloadType, payload_of(1), {&builder_});
  EXPECT_EQ(refusal(write_envelope(envelope)), "");  // its key id leads to the last of 65 keys
  envelope.signatures[0].keyid.clear();
  EXPECT_EQ(
      refusal(write_envelope(envelope)),
      "1 signatures and 65 trusted keys: more than 64 verifications would be needed to find one that fits; "
      "let `keyid` name the key");
}

TEST_F(AdmissionRules, ManySignersAreNamedUpToFour) {
  std::vector<const SigningKey*> keys;
  for (int i = 0; i < 7; ++i) keys.push_back(&other_);
  const std::string text = refusal(signed_by(keys));
  EXPECT_TRUE(text.ends_with("; and 3 more")) << text;
}

TEST(AdmitSetting, IsAnyOrTrusted) {
  const auto setting = [](const std::string& text) {
    return parse_admit(*config::parse_yaml(text, "f.yaml"));
  };
  EXPECT_EQ(*setting("record: always"), Admit::any);
  EXPECT_EQ(*setting("admit: any"), Admit::any);
  EXPECT_EQ(*setting("admit: trusted"), Admit::trusted);
  const auto wrong = setting("admit: all");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "f.yaml:1:8: admit: `all` is neither any nor trusted");
}

// A log that admits what signer_ signed, on each store.
class AdmissionTest : public LedgerFixture {
 protected:
  Admission admission() const {
    Trust trust;
    trust.keys = {trusted(signer_)};
    return admit_trusted(trust, system_clock_);
  }
  Result<std::shared_ptr<Sequencer>> start() const {
    return Sequencer::start([this] { return store::open_database(store_.url()); }, system_clock_, log_key(),
                            {}, admission());
  }
  std::string good(int number) const { return signed_by({&signer_}, number); }
  std::string bad(int number) const { return signed_by({&stranger_}, number); }
  // Every entry is by the trusted key: judged by the reader's way, not by the admission's.
  void expect_only_trusted(std::uint64_t size) const {
    const auto database = open_store();
    const auto ledger = Ledger::open_read_only(*database);
    ASSERT_TRUE(ledger);
    ASSERT_EQ(ledger->size(), size);
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto entry = ledger->entry(i);
      ASSERT_TRUE(entry) << entry.error().message;
      EXPECT_EQ(verified_by(*parse_envelope(entry->envelope), {signer_.public_key()}).size(), 1U) << i;
    }
    expect_whole_log(size);
  }

  SystemClock system_clock_;
  const SigningKey stranger_ = SigningKey::generate("stranger");
};
INSTANTIATE_TEST_SUITE_P(Engines, AdmissionTest,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(AdmissionTest, ALedgerAsksIt) {
  const auto database = open_store();
  auto ledger = Ledger::open(*database, system_clock_, log_key(), {}, admission());
  ASSERT_TRUE(ledger);
  EXPECT_TRUE(ledger->append({good(1)}));
  const auto refused = ledger->append({good(2), bad(3)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "envelope 2: signed by no key that counts here: " +
                                         stranger_.public_key().id() + ": unknown key");
  EXPECT_FALSE(ledger->append_if({{"", {{"gitCommit", std::string(40, 'a')}}}, 0}, {bad(4)}));
  std::vector<std::string> many;  // enough for several threads
  for (int i = 0; i < 200; ++i) many.push_back(i == 71 || i == 140 ? bad(i) : good(i));
  EXPECT_EQ(ledger->append(many).error().message.rfind("envelope 72: ", 0), 0U);
  expect_only_trusted(1);
}

TEST_P(AdmissionTest, ARefusedEnvelopeRefusesItsCallAndNoOther) {
  const auto sequencer = start();
  ASSERT_TRUE(sequencer);
  auto before = (*sequencer)->submit({good(1), good(2)});
  auto mixed = (*sequencer)->submit({good(3), bad(4), good(5)});
  auto alone = (*sequencer)->submit({bad(6)});
  auto after = (*sequencer)->submit({good(7)});
  ASSERT_TRUE(before.get());
  const auto refused = mixed.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(refused.error().message, "envelope 2: signed by no key that counts here: " +
                                         stranger_.public_key().id() + ": unknown key");
  EXPECT_FALSE(alone.get());
  EXPECT_EQ(after.get()->front().index, 2U);
  (*sequencer)->stop();
  expect_only_trusted(3);
}

// Whichever thread reads which part of a call: the first that is refused is named, and calls keep their
// order.
TEST_P(AdmissionTest, TheFirstRefusedIsNamedAndEntriesComeInTheOrderOfTheCalls) {
  const auto sequencer = start();
  ASSERT_TRUE(sequencer);
  std::vector<std::future<Sequencer::Receipts>> answers;
  for (int call = 0; call < 40; ++call) {
    std::vector<std::string> envelopes;
    for (int i = 0; i < 1 + call % 23; ++i) {
      const bool is_bad = call % 4 == 3 && (i == call % 7 || i == call % 7 + 5);
      envelopes.push_back(is_bad ? bad(i) : good(1000 * call + i));
    }
    answers.push_back((*sequencer)->submit(std::move(envelopes)));
  }
  std::uint64_t next = 0;
  for (int call = 0; call < 40; ++call) {
    const auto answer = answers[call].get();
    const bool is_refused = call % 4 == 3 && call % 7 < 1 + call % 23;
    ASSERT_EQ(answer.has_value(), !is_refused) << call;
    if (is_refused) {
      const std::string named = "envelope " + std::to_string(call % 7 + 1) + ": ";
      EXPECT_EQ(answer.error().message.rfind(named, 0), 0U) << answer.error().message;
      continue;
    }
    for (const Receipt& receipt : *answer) EXPECT_EQ(receipt.index, next++);
  }
  (*sequencer)->stop();
  expect_only_trusted(next);
}

TEST_P(AdmissionTest, ThreadsWithGoodAndRefusedCallsDoNotHinderEachOther) {
  constexpr int kThreads = 6;
  constexpr int kCalls = 30;
  const auto sequencer = start();
  ASSERT_TRUE(sequencer);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int call = 0; call < kCalls; ++call) {
        std::vector<std::string> envelopes;
        for (int i = 0; i < 1 + (thread + call) % 9; ++i) envelopes.push_back(good(100 * call + i));
        const bool is_bad = (thread + call) % 3 == 0;
        if (is_bad) envelopes.back() = bad(call);
        const std::size_t count = envelopes.size();
        const auto answer = (*sequencer)->append(std::move(envelopes));
        ASSERT_EQ(answer.has_value(), !is_bad);
        if (answer) {
          EXPECT_EQ(answer->size(), count);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::uint64_t expected = 0;
  for (int thread = 0; thread < kThreads; ++thread) {
    for (int call = 0; call < kCalls; ++call) {
      if ((thread + call) % 3 != 0) expected += 1 + static_cast<std::uint64_t>((thread + call) % 9);
    }
  }
  (*sequencer)->stop();
  expect_only_trusted(expected);
}

// Good and refused calls beside each other in a process that is killed, 30 times: what was acknowledged is
// there, what was refused is not.
TEST_P(AdmissionTest, AKilledProcessLosesNothingAcknowledgedAndLetsNothingIn) {
  const std::vector<std::string> mixed = {good(1), bad(2)};
  const std::vector<std::string> fine = {good(3), good(4)};
  std::set<std::uint64_t> acknowledged;
  const auto write = [&](const testing::Acknowledge& acknowledge) {
    auto sequencer = start();
    if (!sequencer) ::_exit(1);
    const auto work = [&] {
      for (;;) {
        auto refused = (*sequencer)->submit(mixed);
        const auto receipts = (*sequencer)->append(fine);
        if (!receipts || refused.get()) ::_exit(2);
        acknowledge(receipts->front().index);
      }
    };
    std::thread other(work);
    work();
  };
  testing::kill_while_writing(30, 20'000, write, acknowledged);
  ASSERT_FALSE(HasFatalFailure());
  const auto database = open_store();
  const auto ledger = Ledger::open_read_only(*database);
  ASSERT_TRUE(ledger);
  EXPECT_GT(ledger->size(), *acknowledged.rbegin() + 1);
  EXPECT_EQ(ledger->size() % 2, 0U);  // calls of two, each whole
  for (const std::uint64_t index : acknowledged) EXPECT_EQ(ledger->entry(index)->envelope, fine[0]);
  expect_only_trusted(ledger->size());
}

}  // namespace
}  // namespace signalbox::evidence
