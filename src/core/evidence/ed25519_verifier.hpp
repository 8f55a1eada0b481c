// Ed25519 for those who check many signatures of the same key. docs/decisions/0205-ed25519-verdicts.md
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/evidence/edwards25519.hpp"

namespace signalbox::evidence {

// The equation of a signature, by multiples of its key and of the base point that were worked out before.
class Ed25519Table {
 public:
  // `key`: one that is_ed25519_key takes.
  explicit Ed25519Table(std::string_view key);

  // True: ed25519_verify is true as well. False says nothing where R is of small order; else that it is
  // false.
  bool holds(std::string_view message, std::string_view signature) const;

 private:
  std::string key_;
  edwards25519::Multiples of_negated_key_;
};

// The verdicts of ed25519_verify for one key. The first few signatures go to it; then a table is made, which
// takes half a megabyte and finds what is good in a fraction of the time. What the table does not find good
// is judged by ed25519_verify too, so it alone refuses. Threads may use one verifier at once.
class Ed25519Verifier {
 public:
  explicit Ed25519Verifier(std::string key);

  bool verify(std::string_view message, std::string_view signature) const;

  // As many as pay for making a table.
  static constexpr std::size_t kSignaturesBeforeTable = 64;

 private:
  const Ed25519Table* table() const;  // null: not yet, or never

  std::string key_;
  mutable std::atomic<std::size_t> asked_ = 0;
  mutable std::once_flag made_;
  mutable std::unique_ptr<const Ed25519Table> table_;
};

}  // namespace signalbox::evidence
