// The lock file of an assortment: which sizes there are, and of what that was made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "instruments/pack/model/order.hpp"

namespace signalbox::pack {

struct AssortmentLock {
  // What it was made of. The same of all this has the same lock, to the octet.
  std::string history;     // SHA-256 of the orders' file
  std::string candidates;  // SHA-256 of the sizes from which was chosen, as this file would write them
  std::string objective;   // "billed:ups-2026-01-26"
  std::int64_t support = 75;
  std::int64_t k = 0;
  std::vector<std::string> must;
  // What came of it.
  std::int64_t orders = 0;
  std::int64_t unserved = 0;
  std::int64_t cost = 0;   // first part of the objective, each order in one size alone
  std::int64_t bound = 0;  // no choice of so many of the candidates costs less
  std::vector<Box> boxes;

  bool operator==(const AssortmentLock&) const = default;
};

inline constexpr std::string_view kLockKind = "signalbox/pack/assortment/v1";

// As JSON with a line for each member; lengths as "304.8mm", exact. No time and no machine stands in it.
std::string lock_text(const AssortmentLock& lock);

// Errors: bad_input with the member.
Result<AssortmentLock> read_lock(std::string_view text, std::string_view name);

// Whether a text is meant as one: it names kLockKind.
bool is_lock(std::string_view text);

// What two boxes of a list differ by is within this text.
std::string digest_of_boxes(const std::vector<Box>& boxes);

}  // namespace signalbox::pack
