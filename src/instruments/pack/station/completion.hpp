// What became of one package of a plan at the station where it was packed.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "instruments/pack/document/plan_document.hpp"
#include "instruments/pack/measure/kpi.hpp"

namespace signalbox::pack {

// Why something was not done as planned.
inline constexpr std::array<std::string_view, 4> kReasons{"not-at-hand", "damaged", "does-not-fit", "other"};

// One unit that is not in the package.
struct LeftOut {
  std::size_t unit = 0;  // index into the package's placements
  std::string reason;    // of kReasons

  bool operator==(const LeftOut&) const = default;
};

struct Completion {
  std::string key;  // chosen by whoever packed: the same thing told again has the same key
  std::string plan;
  std::string order;
  std::size_t package = 0;  // from 0
  std::string station;
  std::string box;          // that was taken
  std::string recommended;  // by the plan
  std::string reason;       // of kReasons; empty: the box is the recommended one
  std::vector<LeftOut> left_out;
  Mass weight = 0;  // as weighed, with the box
  Duration took{};  // from the box to the weight
  Time at;          // when it was weighed, by the server's clock
  std::string by;   // who told it: the name of the token
};

inline constexpr std::size_t kMaxStationName = 64;
inline constexpr std::size_t kMaxKey = 64;
inline constexpr Duration kMaxTook = std::chrono::hours(24 * 7);
inline constexpr Duration kMaxWaited = std::chrono::hours(24 * 90);

// {"key", "package" (from 1), "station", "box", "reason", "left_out": [{"unit" (from 1), "reason"}],
// "weight": "2.71 kg", "took_ms", "waited_ms"}: `waited_ms` is how long it waited to be told, where the
// server was not there. Errors: bad_input with the place, as "$.weight".
Result<Completion> read_completion(std::string_view text, const PlanDocument& plan, Time now,
                                   std::string_view by);

Json to_json(const Completion& completion);

// Whether both say the same, whenever they were told and by whom.
bool is_same(const Completion& a, const Completion& b);

// For the key figures, which join it with its plan by `PackedParcel::order`: the plan's id, since an order
// may have been planned again.
PackedParcel parcel_of(const Completion& completion);

}  // namespace signalbox::pack
