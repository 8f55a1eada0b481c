// Which names a server answers to, and which pages may ask it: the defence against DNS rebinding and
// cross-site requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/http/client.hpp"
#include "core/http/route.hpp"

namespace signalbox::http {

// One of the addresses under which browsers know this server.
using Origin = Address;

// The names of a server that listens on `address`:`port`: itself, the loopback names where that is loopback
// or every address, and `hosts` ("NAME", "NAME:PORT" or "https://NAME[:PORT]", for a proxy in front that
// speaks TLS). bad_input where one of these is no address.
Result<std::vector<Origin>> origins_of(std::string_view address, std::uint16_t port, bool tls,
                                       const std::vector<std::string>& hosts);

// The origin that a request came to. denied where its Host is missing or none of ours (a page of another site
// whose name was pointed here), its Origin is another, or the browser says that another site sent it.
// Following a link from elsewhere to the console's first page is fine.
Result<Origin> check_origin(const Request& request, const std::vector<Origin>& ours);

// Whether a browser vouches that one of our own pages sent it.
bool is_from_own_page(const Request& request);

}  // namespace signalbox::http
