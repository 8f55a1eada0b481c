// What a client of Pyroscope sends to POST /ingest: a query that names the profile, and a body that is the
// profile or a form that holds it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace signalbox::profile {

struct PyroscopeRequest {
  std::string app;  // "shop.cpu"
  std::vector<std::pair<std::string, std::string>> labels;
  std::optional<Time> from;
};

using QueryParameters = std::map<std::string, std::string, std::less<>>;

// `name` is "app{label=value,…}"; `from` counts seconds, milli-, micro- or nanoseconds since 1970, by how
// many digits it has. bad_input where `name` is missing or none, and where `format` is one of Pyroscope's own
// that is no profile here (jfr, trie, tree).
Result<PyroscopeRequest> pyroscope_request(const QueryParameters& query);

// The part named "profile" of a body of multipart/form-data (RFC 7578, RFC 2046); the body itself where its
// type is another one. Views into `body`. bad_input where there is no such part.
Result<std::string_view> profile_in_body(std::string_view content_type, std::string_view body);

}  // namespace signalbox::profile
