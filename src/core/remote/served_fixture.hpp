// For tests: a server that answers with what a test wrote down, and a log behind it whose key the test holds,
// so that it can sign what no honest log signs.
#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/entry_bundle.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/merkle.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::remote {

class ServedFolder {
 public:
  ServedFolder() {
    const auto script = testing::source_directory() / "src/core/remote/testdata/folder.py";
    process_ = std::make_unique<Process>(
        Process::start({"python3", script.string(), folder_.path().string()}).value());
    origin_ = "http://127.0.0.1:" + std::string(trim(process_->read().value()));
  }
  // What GET of that path, query and all, is answered with.
  void put(const std::string& path, const std::string& octets) const {
    std::ofstream(folder_.path() / to_percent(path), std::ios::binary) << octets;
  }
  void put(const std::string& path, const Json& json) const { put(path, json.dump()); }
  // From now on 404.
  void remove(const std::string& path) const { std::filesystem::remove(folder_.path() / to_percent(path)); }
  // The paths that were asked for, in order.
  std::vector<std::string> asked() const {
    const auto text = read_file(folder_.path() / "asked");
    std::vector<std::string> out;
    for (const auto line : lines(text ? trim(*text) : std::string_view())) out.emplace_back(line);
    return out;
  }
  const std::string& origin() const { return origin_; }
  Server server() const { return {origin_, "token", ""}; }

 private:
  TemporaryDirectory folder_;
  std::unique_ptr<Process> process_;
  std::string origin_;
};

// Everything about a log of this machine as it is now, honestly, but proofs.
inline void publish(const ServedFolder& folder, const evidence::Ledger& ledger) {
  const std::string api = "/api/v1/evidence";
  folder.put(api + "/status", Json::object({{"checkpoint", ledger.checkpoint().value()}}));
  for (std::uint64_t i = 0; i < ledger.size(); ++i) {
    const evidence::Entry entry = ledger.entry(i).value();
    folder.put(fmt::format("{}/entries/{}", api, i),
               Json::object({{"record", to_base64(entry.record)},
                             {"salt", to_base64(entry.salt)},
                             {"envelope_octets", to_base64(entry.envelope)}}));
  }
  for (const evidence::Tile& tile : evidence::tiles_of(ledger.size())) {
    folder.put("/evidence/" + evidence::tile_path(tile), ledger.tile(tile).value());
    if (tile.level == 0)
      folder.put("/evidence/" + evidence::entries_path(tile), ledger.entry_bundle(tile).value());
  }
}

// Entries whose records a test wrote.
class WrittenLog {
 public:
  static constexpr const char* kApi = "/api/v1/evidence";

  explicit WrittenLog(const ServedFolder& folder, const std::string& name = "test-log")
      : folder_(folder), key_(evidence::SigningKey::generate(name)) {}

  evidence::PublicKey key() const { return key_.public_key(); }
  void add(std::string record) { records_.push_back(std::move(record)); }
  // About nothing, of the given second.
  static std::string plain(std::int64_t second) {
    return R"({"envelope":"sha256:00","keys":[],"prev":{},"subjects":[],"time":)" +
           std::to_string(second * 1000) + R"(,"type":"t","v":1})";
  }

  std::string note(std::uint64_t size) const {
    return evidence::sign_note(evidence::checkpoint_text({key_.public_key().name, size, root(size)}), key_);
  }
  void show_status(const std::string& note) const {
    folder_.put(std::string(kApi) + "/status", Json::object({{"checkpoint", note}}));
  }
  // Everything about the first `size` entries, honestly.
  void publish(std::uint64_t size) const {
    show_status(note(size));
    for (std::uint64_t i = 0; i < size; ++i) {
      folder_.put(fmt::format("{}/entries/{}", kApi, i),
                  Json::object({{"record", to_base64(records_[i])}, {"salt", ""}, {"envelope_octets", ""}}));
      folder_.put(fmt::format("{}/proof/{}?size={}", kApi, i, size),
                  proof_of(evidence::inclusion_proof(i, size, hashes()).value()));
    }
    for (const evidence::Tile& tile : evidence::tiles_of(size)) {
      std::string octets;
      for (std::uint64_t i = 0; i < tile.width; ++i)
        octets += as_octets(hashes()(8 * tile.level, tile.index * 256 + i).value());
      folder_.put("/evidence/" + evidence::tile_path(tile), octets);
      if (tile.level > 0) continue;
      std::string bundle;
      for (std::uint64_t i = 0; i < tile.width; ++i)
        evidence::add_to_entry_bundle(bundle, records_[tile.index * 256 + i]);
      folder_.put("/evidence/" + evidence::entries_path(tile), bundle);
    }
  }
  void publish_consistency(std::uint64_t from, std::uint64_t to) const {
    folder_.put(consistency_path(from, to),
                proof_of(evidence::consistency_proof(from, to, hashes()).value()));
  }
  static std::string consistency_path(std::uint64_t from, std::uint64_t to) {
    return fmt::format("{}/consistency?from={}&to={}", kApi, from, to);
  }

 private:
  static Json proof_of(const std::vector<Sha256>& hashes) {
    Json list = Json::array();
    for (const Sha256& hash : hashes) list.push_back(to_hex(hash));
    return Json::object({{"proof", std::move(list)}});
  }
  Sha256 root(std::uint64_t size) const {
    evidence::CompactRange range;
    for (std::uint64_t i = 0; i < size; ++i) range.append(evidence::leaf_hash(records_[i]));
    return range.root();
  }
  evidence::HashReader hashes() const {
    return [this](unsigned level, std::uint64_t index) -> Result<Sha256> {
      evidence::CompactRange range;
      for (std::uint64_t i = index << level; i < (index + 1) << level; ++i)
        range.append(evidence::leaf_hash(records_.at(i)));
      return range.root();
    };
  }

  const ServedFolder& folder_;
  evidence::SigningKey key_;
  std::vector<std::string> records_;
};

}  // namespace signalbox::remote
