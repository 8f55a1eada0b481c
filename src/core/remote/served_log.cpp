#include "core/remote/served_log.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::remote {
namespace {

namespace ev = evidence;

constexpr int kMaxTries = 8;  // at a memory in which others keep checkpoints
constexpr std::string_view kApi = "/api/v1/evidence";

Error lie(std::string message) {
  return {ErrorKind::conflict, std::move(message),
          "ask whoever keeps the server; the log's key is not theirs to use"};
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
Result<ev::Entry> entry_of(const Json& told, std::uint64_t index) {
  ev::Entry out;
  out.index = index;
  SIGNALBOX_TRY(out.record, from_base64(told["record"].as_string()));
  SIGNALBOX_TRY(out.salt, from_base64(told["salt"].as_string()));
  SIGNALBOX_TRY(out.envelope, from_base64(told["envelope_octets"].as_string()));
  SIGNALBOX_TRY(const Json record, parse_json(out.record));
  if (!record["time"].is_integer()) return fail(ErrorKind::bad_input, "its record has no time");
  out.time = Time{std::chrono::milliseconds(record["time"].as_integer())};
  out.leaf = ev::leaf_hash(out.record);
  const bool is_shown = !out.envelope.empty();
  if (is_shown && ev::envelope_commitment(out.salt, out.envelope) != record["envelope"].as_string())
    return fail(ErrorKind::bad_input, "its envelope is not the one that its record commits to");
  return out;
}

}  // namespace

Result<ServedLog> ServedLog::open(Server server, const std::vector<ev::PublicKey>& log_keys,
                                  const ev::CheckpointMemory& memory) {
  ServedLog out(std::move(server));
  for (int tries = 0; tries < kMaxTries; ++tries) {
    SIGNALBOX_CHECK(out.read_state(log_keys, memory));
    if (out.state_.checkpoint.size == 0) return out;
    SIGNALBOX_TRY(const bool is_compared, out.compare(memory));
    if (is_compared) return out;
  }
  return fail(ErrorKind::unavailable,
              fmt::format("other processes keep checkpoints of the log {} at the same time",
                          printable(out.state_.log.name)),
              "try again");
}

Status ServedLog::read_state(const std::vector<ev::PublicKey>& log_keys, const ev::CheckpointMemory& memory) {
  SIGNALBOX_TRY(const Json told, get_json(server_, std::string(kApi) + "/status"));
  state_ = SignedState();
  state_.note = told["checkpoint"].as_string();
  for (const ev::PublicKey& key : log_keys) {
    if (state_.note.empty()) {
      SIGNALBOX_TRY(const auto seen, memory.last(key));
      if (seen && seen->size > 0)
        return fail(lie(fmt::format("rollback: {} says that its log is empty, and {} had {} entries",
                                    server_.origin, printable(key.name), seen->size)));
      continue;
    }
    auto checkpoint = ev::open_checkpoint(state_.note, key);
    if (!checkpoint) continue;
    state_.checkpoint = std::move(*checkpoint);
    state_.log = key;
    return {};
  }
  if (state_.note.empty()) return {};
  return fail(lie(fmt::format("no trusted key of a log signed the checkpoint of {}", server_.origin)));
}

Result<bool> ServedLog::compare(const ev::CheckpointMemory& memory) {
  const ev::Checkpoint& shown = state_.checkpoint;
  SIGNALBOX_TRY(const std::optional<ev::Checkpoint> seen, memory.last(state_.log));
  if (seen) {
    std::vector<Sha256> proof;
    if (seen->size > 0 && seen->size < shown.size) {
      SIGNALBOX_TRY(const Json told, get_json(server_, fmt::format("{}/consistency?from={}&to={}", kApi,
                                                                   seen->size, shown.size)));
      SIGNALBOX_TRY(proof, hashes_of(told["proof"]));
    }
    SIGNALBOX_CHECK(ev::check_extends(*seen, shown, proof));
    state_.seen = seen->size;
  }
  SIGNALBOX_TRY(const auto kept, memory.keep_after(seen, state_.log, state_.note));
  return kept == ev::CheckpointMemory::Kept::yes;
}

Result<ev::Entry> ServedLog::entry(std::uint64_t index) const {
  const std::string name = fmt::format("entry {} of {}", index, server_.origin);
  const ev::Checkpoint& state = state_.checkpoint;
  if (index >= state.size) return fail(lie(name + ": the log that was signed has no such entry"));
  const auto told = get_json(server_, fmt::format("{}/entries/{}", kApi, index));
  const auto proof =
      told ? get_json(server_, fmt::format("{}/proof/{}?size={}", kApi, index, state.size)) : told;
  if (!proof && proof.error().kind == ErrorKind::not_found)
    return fail(lie(name + ": the log has it, and the server does not show it"));
  if (!proof) return fail(proof.error());
  auto out = entry_of(*told, index);
  if (!out) return fail(lie(fmt::format("{}: {}", name, out.error().message)));
  const auto hashes = hashes_of((*proof)["proof"]);
  const Status is_included = hashes ? ev::verify_inclusion(index, state.size, out->leaf, *hashes, state.root)
                                    : Status(fail(hashes.error()));
  if (!is_included)
    return fail(
        lie(fmt::format("{}: is not in the log that was signed: {}", name, is_included.error().message)));
  return out;
}

Result<std::vector<std::uint64_t>> ServedLog::listed(const Asked& asked, std::uint64_t before,
                                                     std::size_t limit) const {
  std::string path = fmt::format("{}/entries?before={}&limit={}", kApi, before, limit);
  if (asked.subject) path += "&subject=" + to_percent(*asked.subject);
  if (asked.type) path += "&type=" + to_percent(*asked.type);
  SIGNALBOX_TRY(const Json told, get_json(server_, path));
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
