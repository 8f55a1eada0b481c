// The one way instruments leave evidence: a Statement is signed with this machine's key and appended to the
// workspace's log, or sent to a Signalbox server.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/config/workspace.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/spool.hpp"
#include "core/evidence/trust.hpp"

namespace signalbox::evidence {

// Sends envelopes to a server; implemented over core/http, handed in so that evidence does not depend on it.
class RemoteLog {
 public:
  virtual ~RemoteLog() = default;
  virtual Result<std::vector<Receipt>> append(const std::vector<std::string>& envelopes, Repeats repeats) = 0;
};

// "builder@<host>": the name of a key that a machine makes for itself on first use.
std::string machine_key_name(std::string_view role = "builder");

// The password of an encrypted key: the first line of the file $SIGNALBOX_KEY_PASSWORD_FILE names, else asked
// for on the terminal. Neither there: denied.
Result<std::string> read_password(std::string_view key_name);
// The key, with its password where it is encrypted.
Result<SigningKey> unlock(const KeyStore& keys, std::string_view name);

// A workspace's evidence: its database, log and keys, opened together. `store` as --store gives it; empty:
// the workspace's SQLite file.
class EvidenceBook {
 public:
  // Makes the store, the machine's key ("builder@<host>", role builder) and the log key on first use;
  // `created_key` tells.
  static Result<EvidenceBook> open(const Workspace& workspace, const Clock& clock, const std::string& store);
  // To record in alone: where the store cannot be opened now (full, read-only, held, away), what is recorded
  // goes to the spool, and there is no database and no ledger here.
  static Result<EvidenceBook> open_to_record(const Workspace& workspace, const Clock& clock,
                                             const std::string& store);
  // Fails with not_found where nothing was ever recorded; never writes.
  static Result<EvidenceBook> open_existing(const Workspace& workspace, const Clock& clock,
                                            const std::string& store);
  // Evidence signed here and kept by a server: `record` sends; there is no database and no ledger here.
  static Result<EvidenceBook> open_remote(const Workspace& workspace, const std::string& store,
                                          std::unique_ptr<RemoteLog> log);
  // The log in the store goes on as another one, under a new key of this machine: its origin. For a store
  // that was put back to an older copy.
  static Result<PublicKey> fork_log(const Workspace& workspace, const std::string& store);
  EvidenceBook(EvidenceBook&&) noexcept;
  ~EvidenceBook();

  store::Database& database();
  Ledger& ledger();
  const PublicKey& own_key() const;
  Result<SigningKey> signing_key() const;  // this machine's; asks for its password where it has one
  // The key that signs the log's checkpoints, for a Sequencer.
  Result<SigningKey> log_signing_key() const;
  bool created_key() const;

  // A subject for HEAD of the workspace's repository when its work tree is clean; nothing where it is dirty
  // or no repository.
  Result<std::optional<Subject>> clean_commit() const;

  // Envelopes that are signed already: to the log here, or to the server, after what waits in the spool.
  // Where the store cannot take them now (unavailable; denied by the disk), they are kept in the spool, and
  // the error says so.
  Result<std::vector<Receipt>> append(const std::vector<std::string>& envelopes,
                                      Repeats repeats = Repeats::logged);
  // What waits in the spool goes to the log, each envelope once.
  Result<Spool::Drained> drain();
  const Spool& spool() const;
  // The same, where nothing about the subject came after what was expected. Needs the log here: bad_input for
  // a server's.
  Result<std::vector<Receipt>> append_if(const Expectation& expected,
                                         const std::vector<std::string>& envelopes);

  // Adds the commit as a subject when the work tree of the workspace is clean (a dirty one adds none), signs,
  // appends.
  Result<Receipt> record(Statement statement);

 private:
  struct State;
  explicit EvidenceBook(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace signalbox::evidence
