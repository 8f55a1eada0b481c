// A log that was exported, or that a server serves, taken into a store octet for octet: from then on it is
// read, audited and, where its key is here, gone on with like any other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/evidence/keys.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/served_tree.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence {

// What the record of an entry commits to.
struct SealedEnvelope {
  std::string salt;
  std::string envelope;
};
// That of an entry whose record is there; nothing where it was erased.
using EnvelopeReader = std::function<Result<std::optional<SealedEnvelope>>(const Entry& recorded)>;

struct Imported {
  std::uint64_t before = 0;  // entries that the store had
  std::uint64_t size = 0;    // and has
  std::uint64_t erased = 0;  // of the new ones, without an envelope
};

// Goes on from what the store has of the log of `log`, with the entries of `source` up to the checkpoint that
// `note` signs, in one transaction: each record hashed to the root that was signed, each envelope what its
// record commits to, each record the one that a log writes of its envelope. An envelope that a new entry says
// was erased is erased here too, where the source does not show it any more: it is asked for again, so
// `envelope_of` takes entries in any order. conflict, and nothing is written: the store has more of it, or
// what is read is not what was signed. bad_input: the store has another log, or an envelope is missing that
// no entry says was erased. unavailable: the store itself is damaged.
Result<Imported> import_log(store::Database& database, const TileSource& source, const PublicKey& log,
                            const std::string& note, const EnvelopeReader& envelope_of,
                            const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

// What `log export --envelopes` writes beside the tiles: a file of one line an entry, {"envelope":…,"salt":…}
// in base64, `null` where it was erased. It is not for everybody who may read tiles.
inline constexpr const char* kEnvelopesFile = "envelopes.jsonl";
std::string envelope_line(const Entry& entry);
// Such a line without its newline; nothing of `null`.
Result<std::optional<SealedEnvelope>> parse_envelope_line(std::string_view line);
// Reads it, best in the order of its lines; nothing of any where the file is not there. unavailable or denied
// where it cannot be read.
EnvelopeReader exported_envelopes(const std::filesystem::path& file);

}  // namespace signalbox::evidence
