// The witnesses that a log asks for their cosignatures, how many of them are wanted, and what they signed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/keys.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence {

inline constexpr int kMaxWitnesses = 64;

store::Migration witness_book_migration();

struct AskedWitness {
  PublicKey key;                        // Algorithm::cosignature
  std::string url;                      // submission prefix: "https://witness.example/evidence"
  std::uint64_t size = 0;               // of the newest checkpoint it is known to have cosigned
  std::optional<Time> cosigned, tried;  // the last of each
  std::string problem;                  // why the last try came to nothing; empty: it did not
};

class WitnessBook {
 public:
  explicit WitnessBook(store::Database& database) : database_(database) {}

  Status add(const PublicKey& witness, const std::string& url);  // again: another address
  Status remove(std::string_view name);                          // not_found where there is none
  Result<std::vector<AskedWitness>> witnesses() const;           // by name
  Result<std::vector<PublicKey>> keys() const;

  // How many distinct witnesses make a checkpoint witnessed: as it was set, else more than half; 0 without
  // any.
  Result<int> quorum() const;
  Status set_quorum(int witnesses);  // bad_input unless from 1 to as many as there are

  Status keep_cosignature(const AskedWitness& witness, const Note& checkpoint,
                          const NoteSignature& cosignature, Time now);
  Status keep_problem(const AskedWitness& witness, std::uint64_t size, const std::string& problem, Time now);

  // The signed note of that size with what witnesses added to it; nothing where none did.
  Result<std::optional<std::string>> cosigned(std::uint64_t size) const;
  // The newest checkpoint of at least that size that a quorum cosigned.
  Result<std::optional<std::string>> witnessed(std::uint64_t at_least) const;
  // The checkpoints that any witness cosigned, newest first.
  Result<std::vector<std::string>> cosigned_notes(std::size_t limit) const;

 private:
  store::Database& database_;
};

}  // namespace signalbox::evidence
