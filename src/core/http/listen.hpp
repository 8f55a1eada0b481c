// Where a server listens, as options say it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::http {

struct Listen {
  std::string address = "127.0.0.1";  // an IP address, without brackets
  std::uint16_t port = 0;             // 0: any free one
  bool port_is_given = false;         // else another port does as well where this one is taken
};

// "PORT", "ADDRESS", "ADDRESS:PORT" or "[V6]:PORT"; `usual_port` where none is given. A name other than
// localhost is bad_input: which of its addresses is meant is not for us to guess.
Result<Listen> parse_listen(std::string_view text, std::uint16_t usual_port);

}  // namespace signalbox::http
