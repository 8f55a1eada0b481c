#include "core/evidence/witness_submission.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/evidence/alarms.hpp"
#include "core/evidence/checkpoint_memory.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/witness_request.hpp"

namespace signalbox::evidence {
namespace {

constexpr int kMaxTries = 3;  // its size is known, then learned, then another writer came in between
constexpr std::size_t kMaxShownBytes = 200;
constexpr int kOk = 200, kNotFound = 404, kConflict = 409, kUnprocessable = 422;

// One conversation with one witness.
class Conversation {
 public:
  Conversation(store::Database& database, const Ledger& ledger, const AskedWitness& witness,
               WitnessChannel& channel, const Clock& clock)
      : database_(database), ledger_(ledger), witness_(witness), channel_(channel), clock_(clock) {}

  Result<Asked> run() {
    SIGNALBOX_TRY(log_, ledger_.log_key());
    std::uint64_t old_size = witness_.size;
    for (int tries = 0; tries < kMaxTries; ++tries) {
      SIGNALBOX_CHECK(read_checkpoint());
      if (old_size > checkpoint_.size) return compare("holds a larger checkpoint");
      SIGNALBOX_TRY(const std::string body, body_from(old_size));
      const auto answer = channel_.add_checkpoint(body);
      if (!answer) return problem(answer.error().message);
      if (answer->status == kOk) return take_cosignature(answer->body);
      if (answer->status == kUnprocessable)
        return compare(printable(trim(answer->body).substr(0, kMaxShownBytes)));
      if (answer->status != kConflict) return refused(*answer);
      // Without another size to go on from, a conflict is about the tree itself: witnesses of tlog-witness
      // v1.0.0 say so of two roots of one size, where later ones answer 422.
      const auto size = parse_tree_size(answer->body);
      if (answer->content_type != kTreeSizeType || !size || *size == old_size)
        return compare(said_with(*answer));
      old_size = *size;
    }
    return problem("others show it checkpoints at the same time");
  }

 private:
  Status read_checkpoint() {
    SIGNALBOX_TRY(const std::string octets, ledger_.checkpoint());
    SIGNALBOX_TRY(const Note note, parse_note(octets));
    note_ = signed_alone_by(log_, note);
    SIGNALBOX_TRY(checkpoint_, parse_checkpoint(note_.text));
    return {};
  }

  Result<std::string> body_from(std::uint64_t old_size) const {
    WitnessRequest request{old_size, {}, write_note(note_)};
    if (old_size > 0) {
      SIGNALBOX_TRY(request.proof, ledger_.prove_consistency(old_size, checkpoint_.size));
    }
    return write_witness_request(request);
  }

  Result<Asked> take_cosignature(const std::string& lines) {
    const auto answered = parse_note(write_note({note_.text, {}}) + lines);
    if (!answered) return problem("its answer is no signature: " + answered.error().message);
    const auto by = cosigned_by(*answered, {witness_.key});
    if (!by || by->empty()) return problem(by ? "its answer is not signed by its key" : by.error().message);
    SIGNALBOX_CHECK(WitnessBook(database_).keep_cosignature(
        witness_, note_, signed_alone_by(witness_.key, *answered).signatures.front(), clock_.now()));
    return Asked{Asked::Outcome::cosigned, fmt::format("cosigned {} entries", checkpoint_.size)};
  }

  static std::string said_with(const WitnessChannel::Answer& answer) {
    const std::string said = printable(trim(answer.body).substr(0, kMaxShownBytes));
    return fmt::format("answers {}{}{}", answer.status, said.empty() ? "" : ": ", said);
  }

  Result<Asked> refused(const WitnessChannel::Answer& answer) {
    if (answer.status == kNotFound)
      return problem(
          fmt::format("does not know this log; there: signalbox evidence witness add {}", log_.vkey()));
    return problem(said_with(answer));
  }

  // Its checkpoint does not fit ours. Where this log signed it, it went back or forked; else the witness
  // errs.
  Result<Asked> compare(const std::string& why) {
    const auto answer = channel_.checkpoint_of(origin_hash(log_.name));
    if (!answer || answer->status != kOk)
      return problem(why + ", and does not show the checkpoint that it cosigned");
    const auto theirs = open_checkpoint(answer->body, log_);
    if (!theirs) return problem(why + ", and shows none that this log signed");
    SIGNALBOX_CHECK(read_checkpoint());
    Alarm alarm{Alarm::Kind::rollback, clock_.now(), log_.vkey(), {}, write_note(note_), witness_.key.name};
    if (theirs->size <= checkpoint_.size) {
      SIGNALBOX_TRY(const std::vector<Sha256> proof,
                    ledger_.prove_consistency(theirs->size, checkpoint_.size));
      if (check_extends(*theirs, checkpoint_, theirs->size == 0 ? std::vector<Sha256>() : proof) ||
          theirs->size == 0) {
        return problem(why, theirs->size);
      }
      alarm.kind = Alarm::Kind::fork;
    }
    SIGNALBOX_TRY(const Note note, parse_note(answer->body));
    alarm.seen = write_note(signed_alone_by(log_, note));
    SIGNALBOX_CHECK(keep_alarm(database_, alarm));
    SIGNALBOX_TRY(Asked out, problem(fmt::format("{}: it holds {} entries, which the {} here do not extend",
                                                 name_of(alarm.kind), theirs->size, checkpoint_.size)));
    out.outcome = Asked::Outcome::alarm;
    return out;
  }

  Result<Asked> problem(const std::string& what, std::uint64_t their_size) {
    SIGNALBOX_CHECK(WitnessBook(database_).keep_problem(witness_, their_size, what, clock_.now()));
    return Asked{Asked::Outcome::problem, what};
  }
  Result<Asked> problem(const std::string& what) { return problem(what, witness_.size); }

  store::Database& database_;
  const Ledger& ledger_;
  const AskedWitness& witness_;
  WitnessChannel& channel_;
  const Clock& clock_;
  PublicKey log_;
  Note note_;  // with the log's own signature alone
  Checkpoint checkpoint_;
};

}  // namespace

Result<Asked> ask_witness(store::Database& database, const Ledger& ledger, const AskedWitness& witness,
                          WitnessChannel& channel, const Clock& clock) {
  return Conversation(database, ledger, witness, channel, clock).run();
}

}  // namespace signalbox::evidence
