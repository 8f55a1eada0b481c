#include "core/evidence/ledger_import.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/evidence/bundle.hpp"
#include "core/evidence/ledger_commit.hpp"
#include "core/evidence/ledger_entry.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/evidence/redaction.hpp"

namespace signalbox::evidence {
namespace {

using store::Blob;
using store::Database;
using store::Row;
using store::Value;

constexpr std::uint64_t kBundleEntries = 256;
constexpr std::size_t kMaxLineBytes = std::size_t{24} << 20;  // an envelope of 16 MiB in base64

// One run of it, inside the transaction of whoever calls.
class Import {
 public:
  Import(Database& database, const TileSource& source, Checkpoint checkpoint)
      : database_(database), checkpoint_(std::move(checkpoint)), tree_(source, checkpoint_.size) {}

  // What the store has: nothing yet, or the beginning of the same log.
  Status begin(const PublicKey& log) {
    const std::string vkey = log.vkey();
    SIGNALBOX_CHECK(database_.execute(
        "insert into evidence_head (one, size, hashes, checkpoint, vkey, t) values (1, 0, ?, "
        "'', ?, 0) on conflict (one) do nothing",
        {Blob{}, vkey}));
    SIGNALBOX_TRY(const Head head, read_head(database_));
    if (head.vkey != vkey)
      return fail(ErrorKind::bad_input, fmt::format("the store has another log, signed by {}", head.vkey),
                  "import into a store of its own: --store sqlite:PATH");
    auto edge = read_edge(database_, head);
    if (!edge) return fail(ErrorKind::unavailable, edge.error().message, edge.error().hint);
    edge_ = std::move(*edge);
    out_.before = head.size;
    if (head.size <= checkpoint_.size) return {};
    return fail(ErrorKind::conflict, fmt::format("rollback: the log {} has {} entries, and {} are here",
                                                 printable(checkpoint_.origin), checkpoint_.size, head.size));
  }

  Result<Imported> run(const EnvelopeReader& envelope_of,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const std::uint64_t first = edge_.range.size();
    while (edge_.range.size() < checkpoint_.size) {
      const std::uint64_t bundle = edge_.range.size() / kBundleEntries;
      SIGNALBOX_TRY(std::vector<std::string> records, tree_.records(bundle));
      for (std::uint64_t at = edge_.range.size() % kBundleEntries; at < records.size(); ++at) {
        SIGNALBOX_CHECK(take(std::move(records[at]), envelope_of));
        if (progress) progress(edge_.range.size() - first, checkpoint_.size - first);
      }
      SIGNALBOX_CHECK(write());
    }
    if (edge_.range.root() != checkpoint_.root)
      return fail(ErrorKind::conflict,
                  fmt::format("{} entries do not give the root that was signed: {}", checkpoint_.size,
                              first == 0 ? "they are not those of the log"
                                         : "they are not those of the log, or it was forked"));
    SIGNALBOX_CHECK(erase_what_was_erased(envelope_of));
    SIGNALBOX_CHECK(check_erased());
    out_.size = checkpoint_.size;
    return out_;
  }

  Status end(const std::string& note) {
    std::string hashes;
    for (const Sha256& hash : edge_.range.hashes()) hashes += as_octets(hash);
    SIGNALBOX_CHECK(database_.execute(
        "update evidence_head set size = ?, hashes = ?, checkpoint = ?, t = ? where one = 1",
        {static_cast<std::int64_t>(checkpoint_.size), Blob{std::move(hashes)},
         checkpoint_.size == 0 ? "" : note, edge_.head.time.time_since_epoch().count()}));
    return {};
  }

 private:
  Status take(std::string octets, const EnvelopeReader& envelope_of) {
    Entry entry;
    entry.index = edge_.range.size();
    const auto refuse = [&](const std::string& why) {
      return fail(ErrorKind::conflict, fmt::format("entry {}: {}", entry.index, why));
    };
    const auto record = parse_json(octets);
    if (!record) return refuse(record.error().message);
    if ((*record)["v"].as_integer() != 1 || !(*record)["time"].is_integer() || !(*record)["type"].is_string())
      return refuse("its record is none of this format");
    entry.record = std::move(octets);
    entry.leaf = leaf_hash(entry.record);
    entry.time = Time(Duration((*record)["time"].as_integer()));
    SIGNALBOX_TRY(std::optional<SealedEnvelope> sealed, envelope_of(entry));
    if (sealed) {
      entry.salt = std::move(sealed->salt);
      entry.envelope = std::move(sealed->envelope);
    }
    if (std::string fault = fault_in(entry); !fault.empty()) return refuse(fault);
    // A record that names other subjects than its envelope hides it from whoever asks for them.
    const auto lies = check_record(entry.index, entry.record, entry.envelope, entry.salt);
    if (!lies.empty()) return refuse(lies.front());
    SIGNALBOX_CHECK(add_rows(entry, *record));
    edge_.range.append(entry.leaf);
    edge_.tiles.append(entry.leaf);
    edge_.head.time = std::max(edge_.head.time, entry.time);
    return {};
  }

  Status add_rows(const Entry& entry, const Json& record) {
    const auto index = static_cast<std::int64_t>(entry.index);
    const std::int64_t time = entry.time.time_since_epoch().count();
    std::vector<std::string> subjects;
    for (const Json& subject : record["subjects"].items()) subjects.emplace_back(subject.as_string());
    if (record.find("subjects_root") != nullptr && !entry.envelope.empty()) {
      SIGNALBOX_TRY(const Candidate candidate, read_candidate(entry.envelope));
      subjects = candidate.subjects;
    }
    const std::string type(record["type"].as_string());
    if (type == kErasureType) take_erasure(entry, subjects);
    if (entry.envelope.empty()) {
      ++out_.erased;
      erased_.push_back(entry);
      blobs_.push_back({index, Value(), Value(), time});
    } else {
      blobs_.push_back({index, Blob{entry.salt}, Blob{entry.envelope}, Value()});
    }
    entries_.push_back(
        {index, time, std::int64_t{0}, Blob{std::string(as_octets(entry.leaf))}, Blob{entry.record}});
    for (std::string& subject : subjects) subjects_.push_back({std::move(subject), index});
    types_.push_back({type, index});
    return {};
  }

  Status write() {
    SIGNALBOX_CHECK(
        database_.insert_many("evidence_entry", {"i", "t", "regressed", "leaf", "record"}, entries_));
    SIGNALBOX_CHECK(database_.insert_many("evidence_blob", {"id", "salt", "body", "erased_at"}, blobs_));
    SIGNALBOX_CHECK(database_.insert_many("evidence_subject", {"digest", "i"}, subjects_));
    SIGNALBOX_CHECK(database_.insert_many("evidence_type", {"type", "i"}, types_));
    for (const TileBody& tile : edge_.tiles.changed()) {
      SIGNALBOX_CHECK(database_.execute(
          "insert into evidence_tile (l, n, body) values (?, ?, ?) on conflict (l, n) do update set body = "
          "excluded.body",
          {std::int64_t{tile.level}, static_cast<std::int64_t>(tile.index), Blob{tile.octets}}));
    }
    edge_.tiles.forget_changed();
    for (Rows* rows : {&entries_, &blobs_, &subjects_, &types_}) rows->clear();
    return {};
  }

  void take_erasure(const Entry& entry, const std::vector<std::string>& subjects) {
    const auto envelope = parse_envelope(entry.envelope);
    const auto statement = envelope ? parse_statement(envelope->payload) : fail(envelope.error());
    if (!statement) return;
    for (const std::string& subject : subjects) erasures_.emplace(subject, *statement);
  }

  bool is_ordered(std::string_view octets) const {
    const auto record = parse_json(octets);
    const auto [begin, end] =
        erasures_.equal_range(record ? std::string((*record)["envelope"].as_string()) : "");
    return std::any_of(begin, end,
                       [&](const auto& one) { return erasure_in(one.second, octets).has_value(); });
  }

  // Envelopes that were taken in before they were erased there. The statement alone erases nothing: whoever
  // may append can write one, but the envelope is gone only where the log's keeper erased it.
  Status erase_what_was_erased(const EnvelopeReader& envelope_of) {
    std::vector<Entry> named;
    if (erasures_.empty() || out_.before == 0) return {};
    SIGNALBOX_CHECK(database_.for_each(
        "select e.i, e.record from evidence_entry e join evidence_blob b on b.id = e.i where b.body is not "
        "null and e.i < ? order by e.i",
        {static_cast<std::int64_t>(out_.before)}, [&](const Row& row) {
          if (!is_ordered(row.blob(1))) return true;
          Entry entry;
          entry.index = static_cast<std::uint64_t>(row.integer(0));
          entry.record = row.blob(1);
          entry.leaf = leaf_hash(entry.record);
          named.push_back(std::move(entry));
          return true;
        }));
    if (!named.empty() && database_.engine() == store::Engine::sqlite)
      SIGNALBOX_CHECK(database_.query("pragma secure_delete = on"));
    for (const Entry& entry : named) {
      SIGNALBOX_TRY(const auto shown, envelope_of(entry));
      if (shown) continue;
      SIGNALBOX_CHECK(
          database_.execute("update evidence_blob set salt = null, body = null, erased_at = ? where id = ?",
                            {std::int64_t{edge_.head.time.time_since_epoch().count()},
                             static_cast<std::int64_t>(entry.index)}));
    }
    return {};
  }

  Status check_erased() {
    if (erased_.empty()) return {};
    SIGNALBOX_TRY(const Ledger taken, Ledger::open_read_only(database_));
    for (const Entry& entry : erased_) {
      SIGNALBOX_TRY(const std::optional<Erased> said, erasure_of(taken, entry));
      if (said && said->statement > entry.index) continue;
      return fail(ErrorKind::bad_input,
                  fmt::format("the envelope of entry {} is missing, and no entry says that it was erased",
                              entry.index),
                  "export the log with its envelopes: signalbox evidence log export DIR --envelopes");
    }
    return {};
  }

  using Rows = std::vector<std::vector<Value>>;

  Database& database_;
  Checkpoint checkpoint_;
  ServedTree tree_;
  LogEdge edge_;
  Imported out_;
  Rows entries_, blobs_, subjects_, types_;
  std::multimap<std::string, Statement> erasures_;  // new ones, by what they are about
  std::vector<Entry> erased_;                       // new entries without an envelope
};

}  // namespace

Result<Imported> import_log(Database& database, const TileSource& source, const PublicKey& log,
                            const std::string& note, const EnvelopeReader& envelope_of,
                            const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  SIGNALBOX_TRY(Checkpoint checkpoint, open_checkpoint(note, log));
  SIGNALBOX_CHECK(store::migrate(database, ledger_migrations()));
  Import import(database, source, std::move(checkpoint));
  Result<Imported> out;
  SIGNALBOX_CHECK(database.transaction(Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(import.begin(log));
    out = import.run(envelope_of, progress);
    if (!out) return fail(out.error());
    return import.end(note);
  }));
  return out;
}

Result<std::optional<SealedEnvelope>> parse_envelope_line(std::string_view line) {
  SIGNALBOX_TRY(const Json json, parse_json(line));
  if (json.is_null()) return std::optional<SealedEnvelope>();
  SealedEnvelope out;
  SIGNALBOX_TRY(out.salt, from_base64(json["salt"].as_string()));
  SIGNALBOX_TRY(out.envelope, from_base64(json["envelope"].as_string()));
  if (out.envelope.empty()) return fail(ErrorKind::bad_input, "it has no envelope");
  return std::optional(std::move(out));
}

std::string envelope_line(const Entry& entry) {
  if (entry.envelope.empty()) return "null\n";
  return Json::object({{"envelope", to_base64(entry.envelope)}, {"salt", to_base64(entry.salt)}}).dump() +
         "\n";
}

namespace {

// The lines of a file, one after the other, none of them longer than an envelope can be.
class EnvelopeLines {
 public:
  explicit EnvelopeLines(const std::filesystem::path& path)
      : file_(std::fopen(path.c_str(), "re")), why_not_(file_ ? 0 : errno) {}
  bool is_there() const { return why_not_ != ENOENT; }

  // The line of that number, from 0. From one before the last that was read it begins anew.
  Result<std::string_view> read(std::uint64_t number) {
    if (!file_) return fail(error_from_errno(why_not_, "it cannot be read"));
    if (number + 1 < next_) {
      std::rewind(file_.get());
      next_ = 0;
    }
    for (; next_ <= number; ++next_) SIGNALBOX_CHECK(read_next());
    return std::string_view(line_);
  }

 private:
  Status read_next() {
    line_.clear();
    for (int c = getc_unlocked(file_.get()); c != '\n'; c = getc_unlocked(file_.get())) {
      if (std::ferror(file_.get()) != 0) return fail(error_from_errno(errno, "it cannot be read"));
      if (c == EOF && line_.empty()) return fail(ErrorKind::bad_input, "it ends before");
      if (c == EOF) return {};
      if (line_.size() == kMaxLineBytes) return fail(ErrorKind::bad_input, "it is longer than any envelope");
      line_ += static_cast<char>(c);
    }
    return {};
  }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  int why_not_ = 0;         // errno
  std::uint64_t next_ = 0;  // of the line behind `line_`
  std::string line_;
};

}  // namespace

EnvelopeReader exported_envelopes(const std::filesystem::path& file) {
  const auto lines = std::make_shared<EnvelopeLines>(file);
  return [lines](const Entry& recorded) -> Result<std::optional<SealedEnvelope>> {
    if (!lines->is_there()) return std::optional<SealedEnvelope>();
    const auto line = lines->read(recorded.index);
    auto out = line ? parse_envelope_line(*line) : fail(line.error());
    if (out) return out;
    return fail_in(fmt::format("{}: line {}", kEnvelopesFile, recorded.index + 1), std::move(out).error());
  };
}

}  // namespace signalbox::evidence
