// For servers that know no names of people: whoever reaches one may read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/origin.hpp"
#include "core/http/server.hpp"

namespace signalbox::http {

// Whoever calls the server by one of its own names is let in as `principal`, a viewer. Pages of other sites
// in a browser, also those whose name was pointed here, are turned away: denied.
class OwnNames final : public Authenticator {
 public:
  // `hosts` are more names of it, as of origins_of.
  explicit OwnNames(std::string principal, std::vector<std::string> hosts = {})
      : principal_(std::move(principal)), hosts_(std::move(hosts)) {}
  // To be called before the server runs, which answers to nobody until then. bad_input: a host is no name.
  Status listens_on(std::string_view address, std::uint16_t port);
  Result<Principal> authenticate(const Request& request) override;

 private:
  std::string principal_;
  std::vector<std::string> hosts_;
  std::vector<Origin> origins_;
};

}  // namespace signalbox::http
