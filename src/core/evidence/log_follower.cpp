#include "core/evidence/log_follower.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::uint64_t kRecordsInBundle = 256;
constexpr Duration kClockTolerance = std::chrono::minutes(5);

// What records say by themselves, one after the other: their times, and the keys they name.
class RecordReader {
 public:
  RecordReader(const Watcher& watcher, std::vector<std::string>& warnings)
      : watcher_(watcher), warnings_(warnings) {}

  // The entry in front of the new ones, for its time alone.
  void pass(const std::string& record) {
    if (const auto json = parse_json(record)) last_ = time_in(*json);
  }

  // Records of other formats are only hashed.
  void read(std::uint64_t index, const std::string& record) {
    const auto json = parse_json(record);
    if (!json || (*json)["v"].as_integer() != 1) return;
    const auto time = time_in(*json);
    if (time && last_ && *time < *last_)
      warn(fmt::format("entry {}: the log's clock went back from {} to {}", index, to_rfc3339(*last_),
                       to_rfc3339(*time)));
    if (time && *time > watcher_.now + kClockTolerance)
      warn(fmt::format("entry {}: it is of {}, which has not come yet", index, to_rfc3339(*time)));
    if (time) last_ = time;
    for (const Json& key : (*json)["keys"].items()) {
      const std::string_view id = key.as_string();
      if (!watcher_.signers.empty() &&
          std::find(watcher_.signers.begin(), watcher_.signers.end(), id) == watcher_.signers.end())
        warn(fmt::format("entry {}: it names the key {}, which nobody knows here", index, printable(id)));
    }
  }

 private:
  static std::optional<Time> time_in(const Json& record) {
    const Json* const time = record.find("time");
    if (time == nullptr || !time->is_integer()) return std::nullopt;
    return Time(std::chrono::milliseconds(time->as_integer()));
  }
  void warn(std::string line) {
    if (warnings_.size() < Look::kMaxWarnings) warnings_.push_back(std::move(line));
  }

  const Watcher& watcher_;
  std::vector<std::string>& warnings_;
  std::optional<Time> last_;
};

Look& alarm(Look& look, Look::Kind kind, std::string what) {
  look.kind = kind;
  look.what = std::move(what);
  return look;
}

// Served octets that cannot be what was signed.
bool is_contradiction(const Error& error) {
  return error.kind == ErrorKind::conflict || error.kind == ErrorKind::not_found ||
         error.kind == ErrorKind::bad_input;
}

// Goes on from `range`, which is the tree that was seen, through every new record.
Status read_new_entries(const ServedTree& tree, CompactRange& range, const Watcher& watcher, Look& look) {
  RecordReader reader(watcher, look.warnings);
  const std::uint64_t first = range.size();
  const std::uint64_t start = first == 0 ? 0 : first - 1;
  for (std::uint64_t bundle = start / kRecordsInBundle; range.size() < tree.size(); ++bundle) {
    SIGNALBOX_TRY(const std::vector<std::string> records, tree.records(bundle));
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::uint64_t index = bundle * kRecordsInBundle + i;
      if (index + 1 == first) reader.pass(records[i]);
      if (index < first) continue;
      range.append(leaf_hash(records[i]));
      reader.read(index, records[i]);
    }
    if (watcher.progress) watcher.progress(range.size() - first, tree.size() - first);
  }
  return {};
}

// The beginning of the served tree, of as many entries as were seen; nothing where what is served does not
// give the root that was signed, so that it says nothing about the log.
Result<std::optional<CompactRange>> proven_beginning(const ServedTree& tree, std::uint64_t size,
                                                     const Sha256& root) {
  if (size == 0) return std::optional(CompactRange());
  auto range = tree.range(size);
  const auto proof = consistency_proof(size, tree.size(), tree.hashes());
  if (!range && !is_contradiction(range.error())) return fail(range.error());
  if (!proof && !is_contradiction(proof.error())) return fail(proof.error());
  if (!range || !proof || !verify_consistency(size, tree.size(), *proof, range->root(), root))
    return std::optional<CompactRange>();
  return std::optional(std::move(*range));
}

Result<Look> compare_grown(const TileSource& source, const Checkpoint& seen, const Watcher& watcher,
                           Look look) {
  const ServedTree tree(source, look.shown.size);
  SIGNALBOX_TRY(std::optional<CompactRange> proven, proven_beginning(tree, seen.size, look.shown.root));
  if (!proven)
    return alarm(
        look, Look::Kind::tampered,
        fmt::format("the tiles of {} entries do not give the root that was signed", look.shown.size));
  CompactRange& range = *proven;
  if (range.root() != seen.root)
    return alarm(look, Look::Kind::fork,
                 fmt::format("fork: the first {} entries of the log {} are not those that were seen before",
                             seen.size, seen.origin));
  if (const Status read = read_new_entries(tree, range, watcher, look); !read) {
    if (!is_contradiction(read.error())) return fail(read.error());
    return alarm(look, Look::Kind::tampered, read.error().message);
  }
  if (range.root() != look.shown.root)
    return alarm(look, Look::Kind::tampered, "the records that are served are not those that were signed");
  look.kind = Look::Kind::grew;
  return look;
}

}  // namespace

Result<Look> look_at_log(const TileSource& source, const std::optional<Checkpoint>& seen,
                         const Watcher& watcher) {
  Look look;
  auto note = source.read("checkpoint");
  if (!note && seen && note.error().kind == ErrorKind::not_found)
    return fail(ErrorKind::unavailable, note.error().message, "the log was there before: look again later");
  if (!note) return fail(std::move(note).error());
  look.note = std::move(*note);
  SIGNALBOX_TRY(look.shown, open_checkpoint(look.note, watcher.log));
  if (!seen) {
    look.kind = Look::Kind::first;
    return look;
  }
  if (look.shown.size < seen->size)
    return alarm(
        look, Look::Kind::rollback,
        fmt::format("rollback: the log {} has {}, and {} seen before", seen->origin,
                    counted(look.shown.size, "entry", "entries"), counted(seen->size, "was", "were")));
  if (look.shown.size > seen->size) return compare_grown(source, *seen, watcher, std::move(look));
  if (look.shown.root == seen->root) return look;
  return alarm(look, Look::Kind::fork,
               fmt::format("fork: the log {} signed two roots of {} entries", seen->origin, seen->size));
}

}  // namespace signalbox::evidence
