// A witness by the rules of C2SP tlog-witness, and a log that asks one.
#include "core/evidence/witness.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "core/base/encoding.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/ledger_fixture.hpp"
#include "core/evidence/small_tree.hpp"
#include "core/evidence/witness_request.hpp"
#include "core/evidence/witness_submission.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::uint64_t kLeaves = 40;

class WitnessTest : public LedgerFixture {
 protected:
  void SetUp() override {
    LedgerFixture::SetUp();
    if (IsSkipped()) return;
    database_ = open_store();
    ASSERT_TRUE(store::migrate(*database_, ledger_migrations()));
  }
  Witness witness() { return Witness(*database_, clock_); }
  Sha256 root(std::uint64_t size) const { return *tree_root(size, tree_.reader()); }
  std::string note(std::uint64_t size, const Sha256& of) const {
    return sign_note(checkpoint_text({"log.example", size, of}), log_);
  }
  // The request of an honest log.
  WitnessRequest honest(std::uint64_t from, std::uint64_t to) const {
    return {from, *consistency_proof(from, to, tree_.reader()), note(to, root(to))};
  }
  WitnessAnswer answer(const WitnessRequest& request) { return answer(write_witness_request(request)); }
  WitnessAnswer answer(const std::string& body) {
    auto made = witness().add_checkpoint(body, own_);
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(WitnessAnswer{});
  }
  void known_log() { ASSERT_TRUE(witness().add(log_.public_key())); }

  const SmallTree tree_{kLeaves};
  const SigningKey log_ = SigningKey::generate("log.example");
  const SigningKey own_ = SigningKey::generate("witness.example/w1");
  std::unique_ptr<store::Database> database_;
};
INSTANTIATE_TEST_SUITE_P(Engines, WitnessTest,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(WitnessTest, CosignsWhatExtendsTheLastAndAnswersWithItsSignatureLineAlone) {
  known_log();
  const std::pair<std::uint64_t, std::uint64_t> steps[] = {{0, 3}, {3, 3}, {3, 17}, {17, 40}};
  for (const auto& [from, to] : steps) {
    const WitnessRequest request = honest(from, to);
    const WitnessAnswer given = answer(request);
    ASSERT_EQ(given.status, 200) << given.body;
    EXPECT_EQ(given.body.rfind("\xe2\x80\x94 witness.example/w1 ", 0), 0U);
    // As the specification has a client read it: behind the checkpoint, as one note.
    const auto whole = parse_note(request.checkpoint + given.body);
    ASSERT_TRUE(whole) << whole.error().message;
    const auto by = cosigned_by(*whole, {witness_key(own_.public_key())});
    ASSERT_TRUE(by) << by.error().message;
    ASSERT_EQ(by->size(), 1U);
    EXPECT_EQ(by->front().time, std::chrono::floor<std::chrono::seconds>(clock_.now()));
  }
  EXPECT_EQ(witness().logs()->front().size, 40);
}

TEST_P(WitnessTest, AnUnknownOriginIs404AndAnotherSignatureIs403) {
  EXPECT_EQ(answer(honest(0, 3)).status, 404);
  known_log();
  WitnessRequest request = honest(0, 3);
  const SigningKey other = SigningKey::generate("log.example");
  request.checkpoint = sign_note(checkpoint_text({"log.example", 3, root(3)}), other);
  EXPECT_EQ(answer(request).status, 403);
  // Name and id of a known key, and a signature that fails.
  Note note = *parse_note(honest(0, 3).checkpoint);
  note.signatures[0].octets.back() = static_cast<char>(note.signatures[0].octets.back() ^ 1);
  request.checkpoint = write_note(note);
  EXPECT_EQ(answer(request).status, 403);
  // Signatures of others beside that of the log are read over.
  note = *parse_note(honest(0, 3).checkpoint);
  note.signatures.insert(note.signatures.begin(), {"somebody", "12345678"});
  request.checkpoint = write_note(note);
  EXPECT_EQ(answer(request).status, 200);
}

TEST_P(WitnessTest, AnOldSizeBeyondTheCheckpointAndWhatIsMalformedIs400) {
  known_log();
  EXPECT_EQ(answer({7, {}, honest(0, 3).checkpoint}).status, 400);
  const std::string good = write_witness_request(honest(0, 3));
  for (const std::string& bad :
       {std::string(), std::string("old 0\n"), "old 00" + good.substr(5), "old -1" + good.substr(5),
        "old" + good, "old 0\nno hash\n" + good.substr(6), good.substr(0, good.size() - 1),
        "old  0" + good.substr(5), "old 0\n" + to_base64(std::string(31, 'x')) + "\n" + good.substr(6),
        "OLD 0" + good.substr(5)}) {
    EXPECT_EQ(answer(bad).status, 400) << bad;
  }
  WitnessRequest many{3, std::vector<Sha256>(64), honest(3, 17).checkpoint};
  EXPECT_EQ(answer(many).status, 400);
  EXPECT_EQ(witness().logs()->front().size, -1);
}

TEST_P(WitnessTest, AnotherOldSizeThanRecordedIs409WithTheSize) {
  known_log();
  const WitnessAnswer none = answer(honest(3, 17));
  EXPECT_EQ(none.status, 409);
  EXPECT_EQ(none.body, "0\n");
  EXPECT_EQ(none.content_type, "text/x.tlog.size");
  ASSERT_EQ(answer(honest(0, 17)).status, 200);
  const WitnessAnswer some = answer(honest(3, 40));
  EXPECT_EQ(some.status, 409);
  EXPECT_EQ(some.body, "17\n");
  EXPECT_EQ(answer(honest(0, 3)).status, 409);  // an older checkpoint, played back
}

TEST_P(WitnessTest, ABadProofIs422) {
  known_log();
  WitnessRequest from_nothing = honest(0, 3);
  from_nothing.proof.push_back(root(1));
  EXPECT_EQ(answer(from_nothing).status, 422);
  ASSERT_EQ(answer(honest(0, 3)).status, 200);
  WitnessRequest changed = honest(3, 17);
  changed.proof[0][0] ^= 1;
  EXPECT_EQ(answer(changed).status, 422);
  EXPECT_EQ(answer({3, {}, honest(3, 17).checkpoint}).status, 422);
  WitnessRequest padded = honest(3, 3);
  padded.proof.push_back(root(1));
  EXPECT_EQ(answer(padded).status, 422);
  EXPECT_EQ(witness().logs()->front().size, 3);
}

TEST_P(WitnessTest, SizeZeroHasTheRootOfTheEmptyTree) {
  known_log();
  EXPECT_EQ(answer({0, {}, note(0, root(1))}).status, 422);
  EXPECT_EQ(answer({0, {}, note(0, empty_root())}).status, 200);
  EXPECT_EQ(answer(honest(0, 3)).status, 200);
}

TEST_P(WitnessTest, TwoRootsOfOneSizeAre422AndAnAlarmWithBothNotes) {
  known_log();
  ASSERT_EQ(answer(honest(0, 17)).status, 200);
  std::vector<Alarm> told;
  const std::string other = note(17, root(16));
  for (int again = 0; again < 3; ++again) {
    const auto given = witness().add_checkpoint(write_witness_request({17, {}, other}), own_,
                                                [&](const Alarm& alarm) { told.push_back(alarm); });
    ASSERT_TRUE(given) << given.error().message;
    EXPECT_EQ(given->status, 422);
  }
  ASSERT_EQ(told.size(), 1U);
  const auto kept = alarms(*database_);
  ASSERT_EQ(kept->size(), 1U);
  EXPECT_EQ(kept->front().shown, other);
  EXPECT_EQ(kept->front().seen, note(17, root(17)));
  const auto statement = conflict_statement(kept->front());
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(statement->subjects[1].digest.at("sha256"), to_hex(root(16)));
  ASSERT_TRUE(write_statement(*statement));
}

TEST_P(WitnessTest, ShowsTheCheckpointThatItCosignedByTheHashOfItsOrigin) {
  known_log();
  const std::string hash = "d7612c54297eaa3e5a7756b17ce3adc5bed251af8059d72bbb8b0075c67b85e9";  // sha256sum
  EXPECT_FALSE(witness().checkpoint_of(hash));
  ASSERT_EQ(answer(honest(0, 17)).status, 200);
  const auto shown = witness().checkpoint_of(hash);
  ASSERT_TRUE(shown) << shown.error().message;
  const Note note = *parse_note(*shown);
  EXPECT_EQ(verify_note(note, {log_.public_key(), witness_key(own_.public_key())})->size(), 2U);
  EXPECT_EQ(parse_checkpoint(note.text)->size, 17U);
}

// Each of two requests from one size is right; the second of them comes too late.
TEST_P(WitnessTest, OfManyProcessesAtOnceOneAloneMovesOn) {
  known_log();
  ASSERT_EQ(answer(honest(0, 3)).status, 200);
  constexpr int kProcesses = 5;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child != 0) {
      children.push_back(child);
      continue;
    }
    const auto database = store::open_database(store_.url());
    if (!database) ::_exit(1);
    const auto given =
        Witness(**database, clock_)
            .add_checkpoint(write_witness_request(honest(3, 10 + static_cast<std::uint64_t>(i))), own_);
    ::_exit(!given ? 2 : given->status == 200 ? 20 : given->status == 409 ? 49 : 3);
  }
  int cosigned = 0;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_TRUE(WEXITSTATUS(status) == 20 || WEXITSTATUS(status) == 49) << WEXITSTATUS(status);
    cosigned += WEXITSTATUS(status) == 20 ? 1 : 0;
  }
  EXPECT_EQ(cosigned, 1);
}

// Whatever it answered with a signature it still knows after it was killed.
TEST_P(WitnessTest, KilledInTheMiddleItRemembersAllThatItCosigned) {
  known_log();
  std::int64_t cosigned = -1;
  constexpr int rounds = 25, rounds_of_a_busy_machine = 100;
  for (int round = 0; round < rounds || (cosigned <= 0 && round < rounds_of_a_busy_machine); ++round) {
    int pipes[2];
    ASSERT_EQ(::pipe(pipes), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto database = store::open_database(store_.url());
      if (!database) ::_exit(1);
      std::uint64_t from = cosigned < 0 ? 0 : static_cast<std::uint64_t>(cosigned);
      if (::write(pipes[1], &from, sizeof from) != sizeof from) ::_exit(4);  // it begins
      for (;;) {
        const std::uint64_t to = from < kLeaves ? from + 1 : from;
        const auto given =
            Witness(**database, clock_).add_checkpoint(write_witness_request(honest(from, to)), own_);
        if (!given) ::_exit(2);
        if (given->status == 409) {
          from = *parse_tree_size(given->body);
          continue;
        }
        if (given->status != 200) ::_exit(3);
        from = to;
        if (::write(pipes[1], &to, sizeof to) != sizeof to) ::_exit(4);
      }
    }
    ::close(pipes[1]);
    std::uint64_t begun_at = 0;
    ASSERT_EQ(::read(pipes[0], &begun_at, sizeof begun_at), static_cast<ssize_t>(sizeof begun_at));
    ::usleep(static_cast<useconds_t>(4'000 + round * 2'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
    for (std::uint64_t size = 0; ::read(pipes[0], &size, sizeof size) == sizeof size;)
      cosigned = static_cast<std::int64_t>(size);
    ::close(pipes[0]);
    const auto logs = witness().logs();
    ASSERT_TRUE(logs) << logs.error().message;
    EXPECT_GE(logs->front().size, cosigned);
    if (logs->front().size >= 0) {
      const auto shown = witness().checkpoint_of(origin_hash("log.example"));
      ASSERT_TRUE(shown);
      EXPECT_EQ(parse_checkpoint(parse_note(*shown)->text)->root,
                root(static_cast<std::uint64_t>(logs->front().size)));
    }
  }
  EXPECT_GT(cosigned, 0);
}

// A witness in the same process, on a store of its own.
class NearWitness final : public WitnessChannel {
 public:
  NearWitness(store::Database& database, const Clock& clock, const SigningKey& key)
      : witness_(database, clock), key_(key) {}
  Result<Answer> add_checkpoint(std::string_view body) override {
    ++asked;
    if (away) return fail(ErrorKind::unavailable, "nobody answers there");
    SIGNALBOX_TRY(const WitnessAnswer given, witness_.add_checkpoint(body, key_));
    if (says_conflict && given.status == 422) return Answer{409, "text/plain", given.body};
    return Answer{given.status, given.content_type, given.body};
  }
  Result<Answer> checkpoint_of(std::string_view hash) override {
    const auto note = witness_.checkpoint_of(hash);
    return note ? Answer{200, "text/plain", *note} : Answer{404, {}, {}};
  }
  bool away = false;
  bool says_conflict = false;  // of two roots of one size, as tlog-witness v1.0.0 has it
  int asked = 0;

 private:
  Witness witness_;
  const SigningKey& key_;
};

class AskingLogTest : public LedgerFixture {
 protected:
  void SetUp() override {
    LedgerFixture::SetUp();
    if (IsSkipped()) return;
    database_ = open_store();
    ledger_.emplace(open(*database_));
    theirs_ = elsewhere_.open();
    ASSERT_TRUE(store::migrate(*theirs_, ledger_migrations()));
    ASSERT_TRUE(Witness(*theirs_, clock_).add(log_key().public_key()));
    channel_ = std::make_unique<NearWitness>(*theirs_, clock_, key_);
    ASSERT_TRUE(book().add(witness_key(key_.public_key()), "https://witness.example/evidence"));
  }
  WitnessBook book() { return WitnessBook(*database_); }
  Asked ask() {
    const auto asked = ask_witness(*database_, *ledger_, book().witnesses()->front(), *channel_, clock_);
    EXPECT_TRUE(asked) << asked.error().message;
    return asked.value_or(Asked{});
  }
  void append(int first, int count) {
    std::vector<std::string> envelopes;
    for (int i = 0; i < count; ++i) envelopes.push_back(envelope(first + i));
    const auto receipts = ledger_->append(envelopes);
    ASSERT_TRUE(receipts) << receipts.error().message;
  }

  const SigningKey key_ = SigningKey::generate("witness.example/w1");
  store::testing::ScratchStore elsewhere_{store::Engine::sqlite};
  std::unique_ptr<store::Database> database_, theirs_;
  std::optional<Ledger> ledger_;
  std::unique_ptr<NearWitness> channel_;
};
INSTANTIATE_TEST_SUITE_P(Engines, AskingLogTest,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(AskingLogTest, TheCheckpointCarriesTheCosignature) {
  append(0, 5);
  EXPECT_EQ(ask().outcome, Asked::Outcome::cosigned);
  append(5, 3);
  EXPECT_FALSE(*book().witnessed(8));
  EXPECT_EQ(parse_note(*ledger_->checkpoint())->signatures.size(), 1U);
  EXPECT_EQ(parse_checkpoint(parse_note(*ledger_->checkpoint_holding(4))->text)->size, 5U);
  EXPECT_EQ(ask().outcome, Asked::Outcome::cosigned);
  EXPECT_EQ(channel_->asked, 2);
  const Note note = *parse_note(*ledger_->checkpoint());
  EXPECT_EQ(cosigned_by(note, *book().keys())->size(), 1U);
  EXPECT_TRUE(*book().witnessed(8));
  EXPECT_TRUE(verify_note(note, {log_key().public_key()}));
}

TEST_P(AskingLogTest, ASizeThatWasForgottenIsLearnedFromTheAnswer409) {
  append(0, 5);
  ASSERT_EQ(ask().outcome, Asked::Outcome::cosigned);
  ASSERT_TRUE(database_->execute("update evidence_witness set size = 0"));
  append(5, 2);
  EXPECT_EQ(ask().outcome, Asked::Outcome::cosigned);
  EXPECT_EQ(book().witnesses()->front().size, 7U);
}

TEST_P(AskingLogTest, AWitnessThatIsAwayIsAProblemAndNoAlarm) {
  append(0, 5);
  channel_->away = true;
  EXPECT_EQ(ask().outcome, Asked::Outcome::problem);
  EXPECT_EQ(book().witnesses()->front().problem, "nobody answers there");
  channel_->away = false;
  EXPECT_EQ(ask().outcome, Asked::Outcome::cosigned);
  EXPECT_EQ(book().witnesses()->front().problem, "");
  EXPECT_TRUE(alarms(*database_)->empty());
}

TEST_P(AskingLogTest, AQuorumCountsDistinctWitnesses) {
  const SigningKey second = SigningKey::generate("witness.example/w2");
  ASSERT_TRUE(book().add(witness_key(second.public_key()), "https://other.example"));
  EXPECT_EQ(*book().quorum(), 2);
  append(0, 5);
  ASSERT_EQ(ask().outcome, Asked::Outcome::cosigned);
  EXPECT_FALSE(*book().witnessed(5));
  NearWitness other(*theirs_, clock_, second);
  ASSERT_TRUE(ask_witness(*database_, *ledger_, book().witnesses()->back(), other, clock_));
  EXPECT_TRUE(*book().witnessed(5));
  PublicKey renamed = witness_key(second.public_key());
  renamed.name = "witness.example/w3";
  const Status twice = book().add(renamed, "https://third.example");
  ASSERT_FALSE(twice) << "one key under two names is one witness";
  EXPECT_EQ(twice.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(book().add(witness_key(second.public_key()), "https://moved.example")) << "another address";
  EXPECT_FALSE(book().set_quorum(3));
  ASSERT_TRUE(book().set_quorum(1));
  EXPECT_EQ(*book().quorum(), 1);
}

// The store is put back to what it was two entries ago, then grows otherwise.
TEST_P(AskingLogTest, ARollbackRaisesAnAlarmAndIsNotSignedOver) {
  append(0, 3);
  ASSERT_EQ(ask().outcome, Asked::Outcome::cosigned);
  // As the witness saw it: five entries, signed by this log.
  const SmallTree tree(5);
  ASSERT_TRUE(theirs_->execute(
      "update evidence_witnessed set size = 5, note = ?",
      {sign_note(checkpoint_text({"test-log", 5, *tree_root(5, tree.reader())}), log_key())}));
  append(3, 1);
  EXPECT_EQ(ask().outcome, Asked::Outcome::alarm);
  const auto kept = alarms(*database_);
  ASSERT_EQ(kept->size(), 1U);
  EXPECT_EQ(kept->front().kind, Alarm::Kind::rollback);
  const auto refused = ledger_->append({envelope(9)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_NE(refused.error().message.find("rollback of the log"), std::string::npos)
      << refused.error().message;
  EXPECT_NE(refused.error().hint.find("log fork"), std::string::npos);
  // On purpose, under another name, it goes on.
  const SigningKey fresh = SigningKey::generate("test-log-2");
  ASSERT_TRUE(Ledger::fork(*database_, fresh));
  EXPECT_EQ(parse_note(*ledger_->checkpoint())->signatures.size(), 1U);
}

TEST_P(AskingLogTest, AForkRaisesAnAlarm) {
  append(0, 3);
  ASSERT_EQ(ask().outcome, Asked::Outcome::cosigned);
  append(3, 4);
  const SmallTree tree(5);
  ASSERT_TRUE(theirs_->execute(
      "update evidence_witnessed set size = 5, note = ?",
      {sign_note(checkpoint_text({"test-log", 5, *tree_root(5, tree.reader())}), log_key())}));
  EXPECT_EQ(ask().outcome, Asked::Outcome::alarm);
  EXPECT_EQ(alarms(*database_)->front().kind, Alarm::Kind::fork);
}

// Whichever of the two answers of the specification's versions it gives.
TEST_P(AskingLogTest, AnotherRootOfTheSameSizeRaisesAnAlarm) {
  for (const bool says_conflict : {false, true}) {
    SCOPED_TRACE(says_conflict);
    append(0, 3);
    ASSERT_EQ(ask().outcome, Asked::Outcome::cosigned);
    const std::uint64_t size = ledger_->size();
    ASSERT_TRUE(
        theirs_->execute("update evidence_witnessed set note = ?",
                         {sign_note(checkpoint_text({"test-log", size, leaf_hash("another")}), log_key())}));
    channel_->says_conflict = says_conflict;
    EXPECT_EQ(ask().outcome, Asked::Outcome::alarm);
    ASSERT_EQ(alarms(*database_)->size(), 1U);
    EXPECT_EQ(alarms(*database_)->front().kind, Alarm::Kind::fork);
    ASSERT_TRUE(database_->execute("delete from evidence_alarm"));
    ASSERT_TRUE(theirs_->execute("update evidence_witnessed set size = -1, note = ''"));
    ASSERT_TRUE(database_->execute("update evidence_witness set size = 0"));
  }
}

// A witness without the log's signature cannot make it stop.
TEST_P(AskingLogTest, AWitnessThatLiesRaisesNoAlarm) {
  append(0, 3);
  ASSERT_EQ(ask().outcome, Asked::Outcome::cosigned);
  append(3, 4);
  const SmallTree tree(5);
  ASSERT_TRUE(
      theirs_->execute("update evidence_witnessed set size = 5, note = ?",
                       {sign_note(checkpoint_text({"test-log", 5, *tree_root(5, tree.reader())}), key_)}));
  EXPECT_EQ(ask().outcome, Asked::Outcome::problem);
  EXPECT_TRUE(alarms(*database_)->empty());
  EXPECT_TRUE(ledger_->append({envelope(9)}));
}

}  // namespace
}  // namespace signalbox::evidence
