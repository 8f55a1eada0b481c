// Text from outside made safe for XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::report {

// For element content and quoted attributes, of XML 1.0 and HTML: markup escaped; what XML 1.0 forbids, and
// what is no UTF-8, shown as \xHH.
std::string escape_markup(std::string_view octets);

}  // namespace signalbox::report
