#include "core/remote/served_log.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/evidence/ledger_entry.hpp"
#include "core/evidence/served_tree.hpp"

namespace signalbox::remote {
namespace {

namespace ev = evidence;

constexpr std::string_view kApi = "/api/v1/evidence";
constexpr std::uint64_t kBundleEntries = 256;
constexpr unsigned kBundleLevel = 8;                     // of the root of a full bundle
constexpr std::chrono::milliseconds kBetweenLooks{250};  // at a checkpoint that lacks its witnesses
// An envelope of 16 MiB in base64, and once more as JSON with its statement.
constexpr std::size_t kMaxEntryAnswerBytes = std::size_t{80} << 20;

Error lie(std::string message) {
  return {ErrorKind::conflict, std::move(message),
          "ask whoever keeps the server; the log's key is not theirs to use"};
}

// Whether a server refuses to show what a log that it gave a signed checkpoint of has to have.
bool is_withheld(const Error& error) {
  return error.kind == ErrorKind::not_found || error.kind == ErrorKind::bad_input;
}

Result<std::vector<Sha256>> hashes_of(const Json& list) {
  constexpr std::size_t kMaxHashes = 128;
  std::vector<Sha256> out;
  for (const Json& item : list.items()) {
    if (out.size() == kMaxHashes) return fail(lie("a proof longer than any"));
    SIGNALBOX_TRY(const Sha256 hash, sha256_from_hex(item.as_string()));
    out.push_back(hash);
  }
  return out;
}

// An entry is what its octets say; the members beside them are not looked at.
Result<ev::Entry> entry_of_record(std::uint64_t index, std::string octets) {
  ev::Entry out;
  out.index = index;
  out.record = std::move(octets);
  out.leaf = ev::leaf_hash(out.record);
  SIGNALBOX_TRY(const Json record, parse_json(out.record));
  if (!record["time"].is_integer()) return fail(ErrorKind::bad_input, "its record has no time");
  out.time = Time{std::chrono::milliseconds(record["time"].as_integer())};
  return out;
}

class ServedFiles final : public ev::TileSource {
 public:
  ServedFiles(Server server, const Patience& patience) : server_(std::move(server)), patience_(patience) {
    patience_.max_bytes = kMaxFileBytes;
  }
  Result<std::string> read(const std::string& path) const override {
    return get_octets(server_, "/evidence/" + path, patience_);
  }

 private:
  Server server_;
  Patience patience_;
};

Sha256 root_of(const std::vector<Sha256>& leaves) {
  ev::CompactRange range;
  for (const Sha256& leaf : leaves) range.append(leaf);
  return range.root();
}

}  // namespace

Result<ev::Entry> read_served_entry(std::uint64_t index, const Json& answer) {
  SIGNALBOX_TRY(std::string record, from_base64(answer["record"].as_string()));
  SIGNALBOX_TRY(ev::Entry out, entry_of_record(index, std::move(record)));
  SIGNALBOX_TRY(out.salt, from_base64(answer["salt"].as_string()));
  SIGNALBOX_TRY(out.envelope, from_base64(answer["envelope_octets"].as_string()));
  if (std::string fault = ev::fault_in(out); !fault.empty())
    return fail(ErrorKind::bad_input, std::move(fault));
  return out;
}

// The static files of the log that was signed. A tree is one over its bundles too: the root of each is a
// leaf, that of the last one however many entries it has.
class ServedLog::Tiles {
 public:
  Tiles(Server server, const Patience& patience, std::uint64_t size)
      : files_(std::move(server), patience), tree_(files_, size) {}

  const ev::TileSource& files() const { return files_; }
  std::uint64_t bundles() const { return (tree_.size() + kBundleEntries - 1) / kBundleEntries; }
  Result<std::vector<std::string>> records(std::uint64_t bundle) const { return tree_.records(bundle); }
  Result<std::vector<Sha256>> prove(std::uint64_t bundle) const {
    const std::uint64_t left_over = tree_.size() % kBundleEntries;
    return ev::inclusion_proof(bundle, bundles(), [&](unsigned level, std::uint64_t index) -> Result<Sha256> {
      const bool is_last = level == 0 && index + 1 == bundles();
      if (is_last && left_over != 0) return last_root();
      return hashes_(level + kBundleLevel, index);
    });
  }

 private:
  // Of the last bundle, which is not full.
  Result<Sha256> last_root() const {
    const std::uint64_t left_over = tree_.size() % kBundleEntries;
    std::uint64_t done = tree_.size() - left_over;
    std::vector<Sha256> roots;
    for (unsigned level = kBundleLevel; level-- > 0;) {
      if (((left_over >> level) & 1) == 0) continue;
      SIGNALBOX_TRY(const Sha256 root, hashes_(level, done >> level));
      roots.push_back(root);
      done += std::uint64_t{1} << level;
    }
    SIGNALBOX_TRY(const ev::CompactRange range, ev::CompactRange::from(left_over, std::move(roots)));
    return range.root();
  }

  ServedFiles files_;
  ev::ServedTree tree_;
  ev::HashReader hashes_ = tree_.hashes();
};

ServedLog::ServedLog(Server server, std::chrono::steady_clock::time_point until)
    : server_(std::move(server)) {
  patience_.until = until;
}

const ev::TileSource& ServedLog::files() const {
  return tiles_->files();
}

const std::string& ServedLog::origin() const {
  return server_.origin;
}

Result<ServedLog> ServedLog::open(Server server, const Believing& believing,
                                  std::chrono::steady_clock::time_point until) {
  ServedLog out(std::move(server), until);
  using Memory = ev::CheckpointMemory;
  const auto began = std::chrono::steady_clock::now();
  const auto waits_until =
      began + std::min<std::chrono::steady_clock::duration>(believing.witness_patience, (until - began) / 2);
  const auto look =
      [&](const std::vector<std::optional<ev::Checkpoint>>& seen) -> Result<std::optional<Memory::Shown>> {
    for (;;) {
      SIGNALBOX_TRY(const auto place, out.look_once(believing, seen));
      if (!place) return std::optional<Memory::Shown>();
      const bool is_witnessed = believing.has_its_witnesses(out.state_);
      if (is_witnessed && believing.remember == Believing::Remember::yes)
        return std::optional(Memory::Shown{*place, out.state_.note});
      if (is_witnessed || std::chrono::steady_clock::now() + kBetweenLooks > waits_until)
        return std::optional<Memory::Shown>();
      std::this_thread::sleep_for(kBetweenLooks);
    }
  };
  SIGNALBOX_CHECK(believing.memory.extend(believing.log_keys, look));
  out.tiles_ = std::make_shared<const Tiles>(out.server_, out.patience_, out.state_.checkpoint.size);
  return out;
}

// Nothing where nobody signed it; else whose log it is, by its place among those that are believed.
Result<std::optional<std::size_t>> ServedLog::look_once(
    const Believing& believing, const std::vector<std::optional<ev::Checkpoint>>& seen) {
  SIGNALBOX_CHECK(read_state(believing, seen));
  if (!state_.is_signed()) return std::optional<std::size_t>();
  const auto log = std::find_if(believing.log_keys.begin(), believing.log_keys.end(),
                                [&](const ev::PublicKey& key) { return key.same_key(state_.log); });
  const auto place = static_cast<std::size_t>(log - believing.log_keys.begin());
  SIGNALBOX_CHECK(compare(seen[place]));
  return std::optional(place);
}

Status ServedLog::read_state(const Believing& believing,
                             const std::vector<std::optional<ev::Checkpoint>>& seen) {
  const auto told = get_json(server_, std::string(kApi) + "/status", patience_);
  if (!told && told.error().kind == ErrorKind::not_found)
    return fail(ErrorKind::bad_input, fmt::format("{} is no Signalbox server", server_.origin),
                "check --store");
  if (!told) return fail(told.error());
  state_ = SignedState();
  state_.note = (*told)["checkpoint"].as_string();
  if (!state_.is_signed()) {
    const bool is_gone = seen.size() == 1 && seen[0] && seen[0]->size > 0;
    if (!is_gone) return {};
    return fail(lie(fmt::format("rollback: {} says that its log is empty, and {} had {} entries",
                                server_.origin, printable(seen[0]->origin), seen[0]->size)));
  }
  for (const ev::PublicKey& key : believing.log_keys) {
    auto checkpoint = ev::open_checkpoint(state_.note, key);
    if (!checkpoint) continue;
    state_.checkpoint = std::move(*checkpoint);
    state_.log = key;
    return {};
  }
  return fail(lie(fmt::format("no trusted key of a log signed the checkpoint of {}", server_.origin)));
}

Status ServedLog::compare(const std::optional<ev::Checkpoint>& seen) {
  const ev::Checkpoint& shown = state_.checkpoint;
  if (shown.size == 0 && shown.root != ev::empty_root())
    return fail(lie("the root of the empty log that was signed is not that of an empty tree"));
  if (!seen) return {};
  std::vector<Sha256> proof;
  if (seen->size > 0 && seen->size < shown.size) {
    const auto told = get_json(
        server_, fmt::format("{}/consistency?from={}&to={}", kApi, seen->size, shown.size), patience_);
    if (!told && !is_withheld(told.error())) return fail(told.error());
    auto hashes = told ? hashes_of((*told)["proof"]) : fail(told.error());
    if (!hashes)
      return fail(
          lie(fmt::format("{} does not show that the {} entries it has signed extend the {} that were seen "
                          "before: {}",
                          server_.origin, shown.size, seen->size, hashes.error().message)));
    proof = std::move(*hashes);
  }
  SIGNALBOX_CHECK(ev::check_extends(*seen, shown, proof));
  state_.seen = seen->size;
  return {};
}

Result<ev::Entry> ServedLog::told(std::uint64_t index) const {
  const std::string name = fmt::format("entry {} of {}", index, server_.origin);
  if (index >= state_.checkpoint.size) return fail(lie(name + ": the log that was signed has no such entry"));
  Patience patience = patience_;
  patience.max_bytes = kMaxEntryAnswerBytes;
  const auto answer = get_json(server_, fmt::format("{}/entries/{}", kApi, index), patience);
  if (!answer && is_withheld(answer.error()))
    return fail(lie(name + ": the log has it, and the server does not show it"));
  if (!answer) return fail(answer.error());
  auto out = read_served_entry(index, *answer);
  if (!out) return fail(lie(fmt::format("{}: {}", name, out.error().message)));
  return out;
}

Result<ev::Entry> ServedLog::entry(std::uint64_t index) const {
  SIGNALBOX_TRY(ev::Entry out, told(index));
  const ev::Checkpoint& state = state_.checkpoint;
  const std::string name = fmt::format("entry {} of {}", index, server_.origin);
  const auto proof =
      get_json(server_, fmt::format("{}/proof/{}?size={}", kApi, index, state.size), patience_);
  if (!proof && is_withheld(proof.error()))
    return fail(lie(name + ": the log has it, and the server does not prove it"));
  if (!proof) return fail(proof.error());
  const auto hashes = hashes_of((*proof)["proof"]);
  const Status is_included = hashes ? ev::verify_inclusion(index, state.size, out.leaf, *hashes, state.root)
                                    : Status(fail(hashes.error()));
  if (is_included) return out;
  return fail(
      lie(fmt::format("{}: is not in the log that was signed: {}", name, is_included.error().message)));
}

Result<std::vector<ev::Entry>> ServedLog::bundle(std::uint64_t number) const {
  const std::uint64_t first = number * kBundleEntries;
  const std::string name = fmt::format("entries of {} from {}", server_.origin, first);
  if (first >= state_.checkpoint.size) return fail(lie(name + ": the log that was signed has none"));
  const auto caught = [&](const Error& error) {
    if (error.kind == ErrorKind::not_found)
      return fail(lie(name + ": the log has them, and the server does not show them"));
    if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::denied) return fail(error);
    return fail(lie(fmt::format("{}: {}", name, error.message)));
  };
  auto records = tiles_->records(number);
  if (!records) return caught(records.error());
  std::vector<Sha256> leaves;
  for (const std::string& record : *records) leaves.push_back(ev::leaf_hash(record));
  const auto proof = tiles_->prove(number);
  if (!proof) return caught(proof.error());
  if (const Status holds =
          ev::verify_inclusion(number, tiles_->bundles(), root_of(leaves), *proof, state_.checkpoint.root);
      !holds)
    return fail(lie(fmt::format("{}: are not in the log that was signed: {}", name, holds.error().message)));
  std::vector<ev::Entry> out;
  for (std::string& record : *records) {
    auto entry = entry_of_record(first + out.size(), std::move(record));
    if (!entry)
      return fail(
          lie(fmt::format("entry {} of {}: {}", first + out.size(), server_.origin, entry.error().message)));
    out.push_back(std::move(*entry));
  }
  return out;
}

Result<ev::Entry> ServedLog::with_envelope(const ev::Entry& recorded) const {
  SIGNALBOX_TRY(ev::Entry out, told(recorded.index));
  if (out.leaf == recorded.leaf) return out;
  return fail(
      lie(fmt::format("entry {} of {}: is not in the log that was signed", recorded.index, server_.origin)));
}

Result<std::vector<std::uint64_t>> ServedLog::listed(const Asked& asked, std::uint64_t before,
                                                     std::size_t limit) const {
  std::string path = fmt::format("{}/entries?before={}&limit={}", kApi, before, limit);
  if (asked.subject) path += "&subject=" + to_percent(*asked.subject);
  if (asked.type) path += "&type=" + to_percent(*asked.type);
  SIGNALBOX_TRY(const Json told, get_json(server_, path, patience_));
  std::vector<std::uint64_t> out;
  for (const Json& item : told["entries"].items()) {
    const std::int64_t index = item["index"].as_integer(-1);
    const std::uint64_t below = out.empty() ? before : out.back();
    if (index < 0 || static_cast<std::uint64_t>(index) >= below || out.size() == limit)
      return fail(lie(server_.origin + " lists entries that it was not asked for"));
    out.push_back(static_cast<std::uint64_t>(index));
  }
  return out;
}

}  // namespace signalbox::remote
