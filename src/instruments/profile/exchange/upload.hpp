// A profile as the body of a request to its receiver, and what the receiver's answer means.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/http/client.hpp"
#include "instruments/profile/exchange/destination.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// What is sent by POST: everything but whom it goes to and who sends it.
struct Upload {
  std::string query;     // behind the '?' of the address; empty: none
  std::string type;      // Content-Type
  std::string encoding;  // Content-Encoding; empty: none
  std::string body;
};

// Pyroscope: `name=APP{k=v}`, times in whole seconds, gzipped pprof. Parca: a WriteRawRequest with one series
// named process_cpu, off_cpu or wallclock. OTLP: ProfilesData, gzipped. Signalbox: `service=APP&label.k=v`,
// gzipped pprof. A profile that does not know when it was taken was taken `now`. `pprof`: what write_pprof
// makes of the profile, where that is known already.
Result<Upload> make_upload(const Profile& profile, const Destination& destination, Time now,
                           std::optional<std::string> pprof = std::nullopt);

// As it lies in the spool: a line of JSON, then the body. bad_input where it is none.
std::string spooled_text(const Upload& upload);
Result<Upload> parse_spooled(std::string_view octets);

http::ClientRequest request_of(const Upload& upload, const Destination& destination);

enum class Taken {
  yes,
  refused,  // never in this form: bad_input
  denied,   // not from us: a token is missing or wrong
  away,     // later, perhaps
};
struct Answer {
  Taken taken = Taken::away;
  std::string why;                                 // empty where it was taken as it is
  std::optional<std::chrono::seconds> not_before;  // what Retry-After asks for, from now on
};
// Of a request that was answered.
Answer judged(const http::ClientResponse& response, const Destination& destination);

}  // namespace signalbox::profile
