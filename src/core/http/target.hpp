// The target of a request line: path and query, decoded.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::http {

// "/a%20b/c?x=1" as segments {"a b", "c"}, path "/a b/c", query {x: 1}.
struct Target {
  std::vector<std::string> segments;  // decoded one by one, so that %2F separates nothing
  std::string path;
  std::map<std::string, std::string, std::less<>> query;
  std::string authority;  // of an absolute target; it takes the place of Host (RFC 9112, 3.2.2)
};

// Origin form, absolute form, or "*" (no segments). Anything but visible ASCII, broken percent encoding,
// decoded control characters, decoded octets that are not UTF-8, and the segments "." and "..": bad_input.
Result<Target> parse_target(std::string_view text);

}  // namespace signalbox::http
