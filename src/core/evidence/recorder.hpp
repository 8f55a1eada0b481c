// The one way instruments leave evidence: a Statement is signed with this machine's key and appended to the workspace's log, or sent to a
// Signalbox server.
#pragma once

#include <memory>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/config/workspace.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"

namespace signalbox::evidence {

// Sends envelopes to a server; implemented over core/http, handed in so that evidence does not depend on it.
class RemoteLog {
 public:
  virtual ~RemoteLog() = default;
  virtual Result<std::vector<Receipt>> append(const std::vector<std::string>& envelopes) = 0;
};

// A workspace's evidence: its database, log and keys, opened together. `store` as --store gives it; empty: the workspace's SQLite file.
class EvidenceBook {
 public:
  // Makes the store, the machine's key ("builder@<host>", role builder) and the log key on first use; `created_key` tells.
  static Result<EvidenceBook> open(const Workspace& workspace, const Clock& clock, const std::string& store);
  // Fails with not_found where nothing was ever recorded; never writes.
  static Result<EvidenceBook> open_existing(const Workspace& workspace, const Clock& clock, const std::string& store);
  EvidenceBook(EvidenceBook&&) noexcept;
  ~EvidenceBook();

  store::Database& database();
  Ledger& ledger();
  const PublicKey& own_key() const;
  bool created_key() const;

  // Adds the commit as a subject when the work tree of the workspace is clean (a dirty one adds none), signs, appends.
  Result<Receipt> record(Statement statement);

 private:
  struct State;
  explicit EvidenceBook(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace signalbox::evidence
