// Answers of receivers of profiles, and uploads as they lie in the spool: what is read is written the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "instruments/profile/exchange/grpc_web.hpp"
#include "instruments/profile/exchange/upload.hpp"

using namespace signalbox;
using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  http::ClientResponse response;
  response.body = octets;
  for (const int status : {200, 400, 503}) {
    response.status = status;
    for (const Receiver receiver : {Receiver::pyroscope, Receiver::parca, Receiver::otlp}) {
      Destination destination;
      destination.receiver = receiver;
      destination.headers = {{"Authorization", "Bearer a,long=token"}};
      if (judged(response, destination).why.find("Bearer a,long=token") != std::string::npos) std::abort();
    }
  }
  if (const auto upload = parse_spooled(octets)) {
    const auto again = parse_spooled(spooled_text(*upload));
    if (!again || again->body != upload->body || again->query != upload->query) std::abort();
  }
  return 0;
}
