// What a client of Pyroscope sends: the name of a profile, a line; the type of a body, a line; the body. The
// profile that is found lies in the body, and labels have names.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "instruments/profile/exchange/pyroscope_request.hpp"

using namespace signalbox;
using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto line = [&] {
    const std::size_t end = rest.find('\n');
    const std::string_view out = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return out;
  };
  const std::string_view name = line();
  const std::string_view type = line();
  const auto request =
      pyroscope_request({{"name", std::string(name)}, {"from", std::string(type)}, {"format", "pprof"}});
  if (request) {
    for (const auto& [label, value] : request->labels) {
      if (value.find(',') != std::string::npos || label.find('=') != std::string::npos) std::abort();
    }
  }
  const auto found = profile_in_body(type, rest);
  if (found && (found->data() < rest.data() || found->data() + found->size() > rest.data() + rest.size()))
    std::abort();
  return 0;
}
