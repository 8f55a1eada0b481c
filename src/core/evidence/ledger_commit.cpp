#include "core/evidence/ledger_commit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/evidence/checkpoint.hpp"

namespace signalbox::evidence {
namespace {

using store::Blob;
using store::Database;
using store::Row;
using store::Value;

constexpr std::size_t kHashOctets = 32;
constexpr std::size_t kMaxKnownSubjects = 100'000;

Result<CompactRange> range_of(const Head& head) {
  std::vector<Sha256> hashes;
  for (std::size_t at = 0; at + kHashOctets <= head.hashes.size(); at += kHashOctets)
    hashes.push_back(*sha256_from_octets(std::string_view(head.hashes).substr(at, kHashOctets)));
  return CompactRange::from(head.size, std::move(hashes));
}

std::string octets_of(const CompactRange& range) {
  std::string out;
  for (const Sha256& hash : range.hashes()) out += as_octets(hash);
  return out;
}

Status check_against_checkpoint(const Head& head, const CompactRange& range) {
  if (head.size == 0) return {};
  SIGNALBOX_TRY(const Note note, parse_note(head.checkpoint));
  SIGNALBOX_TRY(const Checkpoint last, parse_checkpoint(note.text));
  if (last.size == range.size() && last.root == range.root()) return {};
  return fail(ErrorKind::conflict,
              fmt::format("the log's right edge (size {}) is not the one its checkpoint signed (size {})",
                          range.size(), last.size),
              "the store was changed from outside: restore it from a copy; 'signalbox evidence log audit' "
              "names what differs");
}

// Asks about up to kAskedAtOnce subjects; fewer are padded with repetitions, so that two statements serve
// all.
Status ask_subjects(Database& database, const std::vector<std::string>& asked,
                    std::unordered_map<std::string, std::int64_t>& known) {
  constexpr std::size_t kAskedAtOnce = 64;
  for (std::size_t first = 0; first < asked.size(); first += kAskedAtOnce) {
    const std::size_t width = asked.size() - first == 1 ? 1 : kAskedAtOnce;
    std::string list;
    std::vector<Value> parameters;
    for (std::size_t i = 0; i < width; ++i) {
      list += i == 0 ? "(?)" : ", (?)";
      parameters.emplace_back(asked[std::min(first + i, asked.size() - 1)]);
    }
    SIGNALBOX_CHECK(database.for_each(
        "select column1, (select max(i) from evidence_subject where digest = column1) from (values " + list +
            ") as asked",
        parameters, [&](const Row& row) {
          known[row.text(0)] = row.is_null(1) ? -1 : row.integer(1);
          return true;
        }));
  }
  return {};
}

// A row whose values are moved into it, which those of an initializer list are not.
template <class... Values>
std::vector<Value> row_of(Values&&... values) {
  std::vector<Value> out;
  out.reserve(sizeof...(values));
  (out.emplace_back(std::forward<Values>(values)), ...);
  return out;
}

}  // namespace

Error nothing_recorded() {
  return {ErrorKind::not_found, "nothing was recorded here yet",
          "record something: signalbox evidence add junit results.xml --subject git:HEAD"};
}

Result<Head> read_head(Database& database) {
  SIGNALBOX_TRY(const auto rows,
                database.query("select size, hashes, checkpoint, vkey, t from evidence_head where one = 1"));
  if (rows.empty()) return fail(nothing_recorded());
  const Row& row = rows[0];
  return Head{static_cast<std::uint64_t>(row.integer(0)), row.blob(1), row.text(2), row.text(3),
              Time(Duration(row.integer(4)))};
}

TileReader tiles_in(Database& database) {
  return [&database](unsigned level, std::uint64_t index) -> Result<std::string> {
    SIGNALBOX_TRY(const auto rows, database.query("select body from evidence_tile where l = ? and n = ?",
                                                  {std::int64_t{level}, static_cast<std::int64_t>(index)}));
    if (rows.empty()) return fail(ErrorKind::not_found, fmt::format("there is no tile {}/{}", level, index));
    return rows[0].blob(0);
  };
}

Result<LogEdge> read_edge(Database& database, const Head& head) {
  SIGNALBOX_TRY(CompactRange range, range_of(head));
  SIGNALBOX_CHECK(check_against_checkpoint(head, range));
  SIGNALBOX_TRY(TileEdge tiles, TileEdge::load(head.size, tiles_in(database)));
  return LogEdge{head, std::move(range), std::move(tiles), {}};
}

// What an entry becomes before it is known whether its whole group fits.
struct LogCommit::Made {
  std::string record;
  Sha256 leaf{};
};

LogCommit::LogCommit(LogEdge& edge, Time now)
    : edge_(edge), time_(std::max(now, edge.head.time)), regressed_(now < edge.head.time) {}

Status LogCommit::learn_subjects(Database& database, const std::vector<Group>& groups) {
  if (edge_.last_about.size() > kMaxKnownSubjects) edge_.last_about.clear();
  std::vector<std::string> asked;
  const auto ask = [&](const std::vector<std::string>& subjects) {
    for (const std::string& subject : subjects) {
      if (!edge_.last_about.contains(subject)) asked.push_back(subject);
    }
  };
  for (const Group& group : groups) {
    if (group.expected) ask(digests_of(group.expected->subject));
    for (const Candidate& candidate : group.candidates) ask(candidate.subjects);
  }
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  return ask_subjects(database, asked, edge_.last_about);
}

// The record of an entry, of this commit or of one before.
Result<std::string> LogCommit::record_of(Database& database, std::int64_t index) const {
  constexpr std::size_t kRecordColumn = 4;
  const auto committed = static_cast<std::int64_t>(edge_.head.size);
  if (index >= committed) {
    const std::vector<Value>& row = entries_.at(static_cast<std::size_t>(index - committed));
    return std::get<Blob>(row.at(kRecordColumn)).octets;
  }
  SIGNALBOX_TRY(const auto rows, database.query("select record from evidence_entry where i = ?", {index}));
  if (rows.empty()) return fail(ErrorKind::conflict, fmt::format("the store lacks entry {}", index));
  return rows[0].blob(0);
}

Status LogCommit::check(Database& database, const Expectation& expected) const {
  std::int64_t newest = -1;
  for (const std::string& digest : digests_of(expected.subject))
    newest = std::max(newest, edge_.last_about.at(digest));
  if (newest == expected.last) return {};
  const std::string name = printable(expected.subject.name);
  if (newest < expected.last) {
    return fail(ErrorKind::conflict, fmt::format("the log holds no entry {} about {}; the newest is {}",
                                                 expected.last, name, newest));
  }
  SIGNALBOX_TRY(const std::string octets, record_of(database, newest));
  SIGNALBOX_TRY(const Json record, parse_json(octets));
  std::string keys;
  for (const Json& key : record["keys"].items())
    keys += (keys.empty() ? "" : ", ") + printable(key.as_string());
  return fail(ErrorKind::conflict,
              fmt::format("entry {} about {} came in between, at {}, signed by key {}", newest, name,
                          to_rfc3339(Time(Duration(record["time"].as_integer()))), keys),
              fmt::format("look at it, then try again: signalbox evidence show {}", newest));
}

// The records of a group at the end of the log; `newest` becomes what its subjects' newest entries are then.
Result<std::vector<LogCommit::Made>> LogCommit::make(const std::vector<const Candidate*>& candidates,
                                                     Newest& newest) const {
  std::vector<Made> made;
  made.reserve(candidates.size());
  std::vector<std::int64_t> previous;
  auto index = static_cast<std::int64_t>(edge_.range.size());
  for (const Candidate* const candidate : candidates) {
    previous.clear();
    for (const std::string& subject : candidate->subjects) {
      const auto [last, is_new] = newest.try_emplace(subject, -1);
      previous.push_back(is_new ? edge_.last_about.at(subject) : last->second);
      last->second = index;
    }
    auto record = write_record(*candidate, time_, previous);
    if (!record) return fail_in(fmt::format("envelope {}", made.size() + 1), std::move(record).error());
    const Sha256 leaf = leaf_hash(*record);
    made.push_back({std::move(*record), leaf});
    ++index;
  }
  return made;
}

// The first entry with exactly this envelope, of this commit or of one before. One that was erased is not
// found: nothing is left to compare with.
Result<std::optional<Receipt>> LogCommit::find_logged(Database& database, const Candidate& candidate) const {
  constexpr std::size_t kBodyColumn = 2;
  const std::string& subject = candidate.subjects.front();
  const std::int64_t last = edge_.last_about.at(subject);
  if (last < 0) return std::optional<Receipt>();
  SIGNALBOX_TRY(const auto rows,
                database.query("select e.i, e.leaf, e.t from evidence_subject s join evidence_blob b on b.id "
                               "= s.i join evidence_entry e on e.i = s.i where s.digest = ? and "
                               "length(b.body) = ? and b.body = ? order by e.i limit 1",
                               {subject, static_cast<std::int64_t>(candidate.envelope.size()),
                                Blob{candidate.envelope}}));
  if (!rows.empty()) {
    SIGNALBOX_TRY(const Sha256 leaf, sha256_from_octets(rows[0].blob(1)));
    return std::optional<Receipt>(Receipt{static_cast<std::uint64_t>(rows[0].integer(0)), leaf,
                                          Time(Duration(rows[0].integer(2))), true});
  }
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (std::get<Blob>(blobs_[i][kBodyColumn]).octets != candidate.envelope) continue;
    Receipt out = taken_[i];
    out.was_there = true;
    return std::optional<Receipt>(out);
  }
  return std::optional<Receipt>();
}

Result<LogCommit::Sorted> LogCommit::sort_out(Database& database, const Group& group) const {
  Sorted out;
  const std::vector<Candidate>& all = group.candidates;
  out.logged.resize(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::size_t first = i;
    if (group.repeats == Repeats::skipped) {
      const auto same = std::find_if(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const Candidate& one) { return one.envelope == all[i].envelope; });
      first = static_cast<std::size_t>(same - all.begin());
      SIGNALBOX_TRY(out.logged[i], find_logged(database, all[i]));
    }
    out.same_as.push_back(first);
    if (first == i && !out.logged[i]) out.fresh.push_back(&all[i]);
  }
  return out;
}

Result<std::vector<Receipt>> LogCommit::add(Database& database, const Group& group) {
  if (group.expected) {
    SIGNALBOX_CHECK(check(database, *group.expected));
  }
  SIGNALBOX_TRY(const Sorted sorted, sort_out(database, group));
  Newest newest;
  SIGNALBOX_TRY(std::vector<Made> made, make(sorted.fresh, newest));
  std::vector<Receipt> receipts;
  std::size_t next = 0;
  for (std::size_t i = 0; i < group.candidates.size(); ++i) {
    if (sorted.logged[i]) {
      receipts.push_back(*sorted.logged[i]);
    } else if (sorted.same_as[i] != i) {
      receipts.push_back(receipts[sorted.same_as[i]]);
      receipts.back().was_there = true;
    } else {
      receipts.push_back({edge_.range.size(), made[next].leaf, time_});
      take(group.candidates[i], std::move(made[next++]));
      taken_.push_back(receipts.back());
    }
  }
  for (const auto& [subject, index] : newest) edge_.last_about[std::string(subject)] = index;
  if (group.erases) erased_.push_back(static_cast<std::int64_t>(*group.erases));
  return receipts;
}

// A statement that says so and what is left stand or fall together: where there is nothing to erase, nothing
// is committed.
Status LogCommit::erase(Database& database) const {
  if (erased_.empty()) return {};
  if (database.engine() == store::Engine::sqlite)
    SIGNALBOX_CHECK(database.query("pragma secure_delete = on"));
  for (const std::int64_t index : erased_) {
    SIGNALBOX_TRY(
        const std::int64_t rows,
        database.execute("update evidence_blob set salt = null, body = null, erased_at = ? where id = ? and "
                         "body is not null",
                         {std::int64_t{time_.time_since_epoch().count()}, index}));
    if (rows != 1) return fail(ErrorKind::conflict, fmt::format("entry {} has no envelope to erase", index));
  }
  return {};
}

void LogCommit::take(const Candidate& candidate, Made made) {
  const auto index = static_cast<std::int64_t>(edge_.range.size());
  edge_.range.append(made.leaf);
  edge_.tiles.append(made.leaf);
  entries_.push_back(row_of(index, std::int64_t{time_.time_since_epoch().count()},
                            std::int64_t{regressed_ ? 1 : 0}, Blob{std::string(as_octets(made.leaf))},
                            Blob{std::move(made.record)}));
  blobs_.push_back(row_of(index, Blob{candidate.salt}, Blob{candidate.envelope}));
  for (const std::string& subject : candidate.subjects) subjects_.push_back(row_of(subject, index));
  types_.push_back(row_of(candidate.type, index));
}

Status LogCommit::write(Database& database, const SigningKey& log_key) {
  SIGNALBOX_CHECK(
      database.insert_many("evidence_entry", {"i", "t", "regressed", "leaf", "record"}, entries_));
  SIGNALBOX_CHECK(database.insert_many("evidence_blob", {"id", "salt", "body"}, blobs_));
  SIGNALBOX_CHECK(database.insert_many("evidence_subject", {"digest", "i"}, subjects_));
  SIGNALBOX_CHECK(database.insert_many("evidence_type", {"type", "i"}, types_));
  SIGNALBOX_CHECK(erase(database));
  for (const TileBody& tile : edge_.tiles.changed()) {
    SIGNALBOX_CHECK(database.execute(
        "insert into evidence_tile (l, n, body) values (?, ?, ?) on conflict (l, n) do update set body = "
        "excluded.body",
        {std::int64_t{tile.level}, static_cast<std::int64_t>(tile.index), Blob{tile.octets}}));
  }
  edge_.tiles.forget_changed();
  Head& head = edge_.head;
  head.size = edge_.range.size();
  head.hashes = octets_of(edge_.range);
  head.checkpoint = sign_note(
      checkpoint_text({log_key.public_key().name, edge_.range.size(), edge_.range.root()}), log_key);
  head.time = time_;
  SIGNALBOX_CHECK(
      database.execute("update evidence_head set size = ?, hashes = ?, checkpoint = ?, t = ? where one = 1",
                       {static_cast<std::int64_t>(head.size), Blob{head.hashes}, head.checkpoint,
                        head.time.time_since_epoch().count()}));
  return {};
}

}  // namespace signalbox::evidence
