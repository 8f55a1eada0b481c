#pragma once

#include <string>
#include <string_view>

namespace signalbox::profile {

// Text as a part of a query (RFC 3986, 2.1): what is not unreserved as %XX.
std::string query_encoded(std::string_view text);

}  // namespace signalbox::profile
