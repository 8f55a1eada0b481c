#include "core/http/own_names.hpp"

namespace signalbox::http {

Status OwnNames::listens_on(std::string_view address, std::uint16_t port) {
  SIGNALBOX_TRY(origins_, origins_of(address, port, false, hosts_));
  return {};
}

Result<Principal> OwnNames::authenticate(const Request& request) {
  SIGNALBOX_CHECK(check_origin(request, origins_));
  return Principal{principal_, Role::viewer};
}

}  // namespace signalbox::http
