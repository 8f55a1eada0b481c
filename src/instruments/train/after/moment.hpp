// When a train is told of.
#pragma once

#include <array>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::train::after {

enum class Moment {
  planning,     // it is made
  change,       // after it was told of, its departure is moved, or it is cancelled
  freeze,       // its scope is locked
  pre_cutover,  // it departs soon
  departure,    // traffic begins to go to it
  pause,        // it stands still on its way
  rollback,     // it is being taken back, or that has failed
  summary,      // its way has ended
};
inline constexpr std::array<Moment, 8> kMoments = {Moment::planning,    Moment::change,    Moment::freeze,
                                                   Moment::pre_cutover, Moment::departure, Moment::pause,
                                                   Moment::rollback,    Moment::summary};
std::string_view name_of(Moment moment);  // "pre-cutover"
Result<Moment> moment_from(std::string_view name);

}  // namespace signalbox::train::after
