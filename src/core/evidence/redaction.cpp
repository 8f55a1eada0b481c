#include "core/evidence/redaction.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/evidence/all_entries.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kMaxTextBytes = 4096;
constexpr int kTriesForOlderViews = 20;  // of transactions that are about to end
constexpr std::chrono::milliseconds kBetweenTries{50};

// The digest that a record commits to its envelope by.
Result<Subject> commitment_of(std::string_view record) {
  SIGNALBOX_TRY(const Json json, parse_json(record));
  return subject_from_text(json["envelope"].as_string());
}

Status check_order(const ErasureOrder& order) {
  const auto wanted = [](std::string_view name, const std::string& text) -> Status {
    if (!trim(text).empty() && text.size() <= kMaxTextBytes) return {};
    return fail(ErrorKind::bad_input, fmt::format("an erasure has a {}", name),
                fmt::format("give --{}", name == "approver" ? "key" : name));
  };
  SIGNALBOX_CHECK(wanted("reason", order.reason));
  SIGNALBOX_CHECK(wanted("requester", order.requester));
  SIGNALBOX_CHECK(wanted("approver", order.approver));
  if (order.legal_basis.size() > kMaxTextBytes)
    return fail(ErrorKind::bad_input, "the legal basis is too long");
  if (to_lower(trim(order.requester)) != to_lower(trim(order.approver))) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("{} cannot approve what {} asked for", order.approver, order.requester),
              "another person's key signs it: --key NAME");
}

}  // namespace

Result<Statement> erasure_statement(const Entry& entry, const ErasureOrder& order) {
  SIGNALBOX_CHECK(check_order(order));
  SIGNALBOX_TRY(const Json record, parse_json(entry.record));
  if (record["type"].as_string() == kErasureType)
    return fail(ErrorKind::conflict,
                fmt::format("entry {} says itself that something was erased: it stays", entry.index));
  if (entry.envelope.empty())
    return fail(ErrorKind::conflict,
                fmt::format("the envelope of entry {} is not there any more", entry.index),
                fmt::format("signalbox evidence show {}", entry.index));
  SIGNALBOX_TRY(Subject subject, commitment_of(entry.record));
  subject.name = fmt::format("entry {}", entry.index);
  Statement out;
  out.subjects = {std::move(subject)};
  out.predicate_type = std::string(kErasureType);
  out.predicate = Json::object({{"index", entry.index},
                                {"reason", order.reason},
                                {"requester", order.requester},
                                {"approver", order.approver},
                                {"legal_basis", order.legal_basis}});
  return out;
}

Result<Receipt> erase(Ledger& ledger, std::uint64_t index, const std::string& envelope) {
  Group group;
  SIGNALBOX_TRY(group.candidates, read_candidates({envelope}));
  group.erases = index;
  std::vector<Group> groups;
  groups.push_back(std::move(group));
  SIGNALBOX_TRY(const std::vector<Ledger::Receipts> receipts, ledger.append_groups(groups));
  if (!receipts.front()) return fail(receipts.front().error());
  return receipts.front()->front();
}

namespace {

// How many others of a PostgreSQL server may still see what was there at the transaction `now`: sessions with
// an older snapshot, prepared transactions, and replicas that hold rows back. Of sessions of other users that
// hide what they do it is not known, so they count.
Result<std::int64_t> older_views(store::Database& database, const std::string& now) {
  SIGNALBOX_TRY(
      const auto rows,
      database.query(
          "select (select count(*) from pg_stat_activity where pid <> pg_backend_pid() and (datid is null or "
          "datid = (select oid from pg_database where datname = current_database())) and (query = "
          "'<insufficient privilege>' and datid is not null or age(backend_xmin) >= age(cast(cast(? as text) "
          "as xid)) or age(backend_xid) >= age(cast(cast(? as text) as xid)))) + (select count(*) from "
          "pg_prepared_xacts where database = current_database()) + (select count(*) from "
          "pg_replication_slots where age(xmin) >= age(cast(cast(? as text) as xid)))",
          {now, now, now}));
  return rows[0].integer(0);
}

// Rows that another transaction may still see, a rewrite of the table copies like any other.
Result<bool> scrub_postgresql(store::Database& database) {
  SIGNALBOX_TRY(const auto rows,
                database.query("select cast(txid_current() % 4294967296 as text)"));  // an xid has 32 bits
  const std::string now = rows[0].text(0);
  for (int tries = 0;; ++tries) {
    SIGNALBOX_TRY(const std::int64_t others, older_views(database, now));
    if (others == 0) break;
    if (tries == kTriesForOlderViews) return false;
    std::this_thread::sleep_for(kBetweenTries);
  }
  const auto rewritten = database.execute("vacuum (full) evidence_blob");
  if (!rewritten && rewritten.error().kind == ErrorKind::unavailable) return false;  // somebody locks it
  if (!rewritten) return fail(rewritten.error());
  return true;
}

}  // namespace

Result<bool> scrub(store::Database& database) {
  if (database.engine() == store::Engine::postgresql) return scrub_postgresql(database);
  SIGNALBOX_TRY(const auto rows, database.query("pragma wal_checkpoint(truncate)"));
  return !rows.empty() && rows[0].integer(0) == 0;
}

std::optional<ErasureOrder> erasure_in(const Statement& statement, std::string_view record) {
  const auto commitment = commitment_of(record);
  const bool is_about = commitment && statement.predicate_type == kErasureType &&
                        std::any_of(statement.subjects.begin(), statement.subjects.end(),
                                    [&](const Subject& subject) { return matches(subject, *commitment); });
  if (!is_about) return std::nullopt;
  const Json& said = statement.predicate;
  ErasureOrder out{std::string(said["reason"].as_string()), std::string(said["requester"].as_string()),
                   std::string(said["approver"].as_string()), std::string(said["legal_basis"].as_string())};
  return check_order(out) ? std::optional(std::move(out)) : std::nullopt;
}

Result<std::optional<Erased>> erasure_of(const Ledger& ledger, const Entry& entry) {
  Query query;
  SIGNALBOX_TRY(query.subject, commitment_of(entry.record));
  query.type = std::string(kErasureType);
  query.newest_first = false;
  std::optional<Erased> out;
  SIGNALBOX_CHECK(read_entries(ledger, query, kMaxEntriesRead, [&](const Entry& one) -> Result<Reading> {
    const auto envelope = parse_envelope(one.envelope);
    const auto statement = envelope ? parse_statement(envelope->payload) : fail(envelope.error());
    auto order = statement ? erasure_in(*statement, entry.record) : std::nullopt;
    if (!order) return Reading::goes_on;
    out = Erased{std::move(*order), one.index, one.time};
    return Reading::is_done;
  }));
  return out;
}

std::string to_text(const Erased& erased) {
  const ErasureOrder& order = erased.order;
  return printable(fmt::format("erased on {} by {} at the request of {}: {} (entry {})",
                               to_rfc3339(erased.time), order.approver, order.requester, order.reason,
                               erased.statement));
}

}  // namespace signalbox::evidence
