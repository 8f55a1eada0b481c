// The profiles that a Go program gives over HTTP (net/http/pprof).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/http/client.hpp"
#include "instruments/profile/exchange/destination.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

struct PprofEndpoint {
  std::string url;      // as it is asked for
  std::string shown;    // as it is told of: of its query `seconds` alone, since others may be secrets
  bool is_cpu = false;  // it samples while we wait
  std::chrono::seconds wait{0};  // how long the program takes before it answers
};

// Of the address of a program, or of one of its endpoints: "http://host" is its CPU profile. A CPU profile
// takes `duration`, by default `usual`, unless the address says `seconds=`; others are what is true now, or
// with a `duration` what came within it. bad_input: no address, a text (`debug=`), a trace, which is no
// profile, or more than a day.
Result<PprofEndpoint> pprof_endpoint(std::string_view url, std::optional<std::chrono::seconds> duration,
                                     std::chrono::seconds usual);

// Asks once. unavailable: nobody there, too slow, an answer that is no profile's, or one of more than 256
// MiB; denied: 401 and 403; bad_input: what came is no pprof.
Result<Profile> fetch_pprof(const PprofEndpoint& endpoint, const std::vector<NamedValue>& headers,
                            const std::string& ca_file);

}  // namespace signalbox::profile
