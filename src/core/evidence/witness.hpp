// A witness: signs the checkpoints of logs it knows, each only where it extends the one that was signed
// before. C2SP tlog-witness.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/alarms.hpp"
#include "core/evidence/keys.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence {

store::Migration witness_migration();

// A log that a witness knows, and the newest checkpoint of it that was cosigned here.
struct WitnessedLog {
  PublicKey key;           // its name is the log's origin
  std::int64_t size = -1;  // -1: none was cosigned yet
  std::string note;        // signed by the log, then cosigned
  std::optional<Time> time;
};

// What add-checkpoint answers.
struct WitnessAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// One connection's view of a witness' memory. Not thread-safe; many connections may serve one witness.
class Witness {
 public:
  // `database` has the tables of `witness_migration` and `alarm_migration`; both must outlive it.
  Witness(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // Knows the log from now on. conflict where another key has this origin.
  Status add(const PublicKey& log);
  // Forgets it, with what was seen of it. not_found where it is not known.
  Status remove(std::string_view origin);
  Result<std::vector<WitnessedLog>> logs() const;  // by origin
  // not_found where nothing of it was cosigned.
  Result<std::string> checkpoint_of(std::string_view origin_hash) const;

  // The answer to a request, by the rules of tlog-witness. The state is checked, replaced and durable before
  // the answer is given; it is an Error only where the store cannot be read or written. Two signed
  // checkpoints of one size with different roots are kept as an alarm, and handed to `on_alarm` the first
  // time.
  Result<WitnessAnswer> add_checkpoint(std::string_view body, const SigningKey& key,
                                       const std::function<void(const Alarm&)>& on_alarm = {});

 private:
  struct Submission;
  Result<std::vector<PublicKey>> keys_of(std::string_view origin) const;
  Result<WitnessAnswer> decide(const Submission& submission, const SigningKey& key,
                               std::optional<Alarm>& alarm);
  Status store(const Submission& submission, const std::string& cosigned);

  store::Database& database_;
  const Clock& clock_;
};

// The key that this machine cosigns with: the first of the role witness that is not revoked, else
// "witness@<host>", made now. With its password where it has one.
Result<SigningKey> own_witness_key();

}  // namespace signalbox::evidence
