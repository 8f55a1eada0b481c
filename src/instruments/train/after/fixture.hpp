// What the tests of this room share: statements of a departure and of a way back, as a log would have them.
#pragma once

#include <string>

#include "instruments/train/boarding/fixture.hpp"

namespace signalbox::train::after {

inline Json departed(const std::string& version, Time all_traffic, const std::string& commit) {
  return Json::object({{"service", "shop"},
                       {"commit", commit},
                       {"version", version},
                       {"baseline", "v1.0.0"},
                       {"result", "departed"},
                       {"times", Json::object({{"all_traffic", to_rfc3339(all_traffic)}})}});
}

inline Json taken_back(const std::string& version, Time detected, Time restored, const std::string& commit) {
  return Json::object({{"service", "shop"},
                       {"commit", commit},
                       {"version", version},
                       {"baseline", "v1.0.0"},
                       {"result", "rolled-back"},
                       {"trigger", Json::object({{"reason", "metric"},
                                                 {"why", "errors is above 0.25"},
                                                 {"detected", to_rfc3339(detected)}})},
                       {"restored", to_rfc3339(restored)}});
}

inline std::string commit_id(char digit) {
  return std::string(40, digit);
}

}  // namespace signalbox::train::after
