// Any octets between a client and signalbox-condition: no request and no answer, or one that is written as it
// was read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/gates/protocol.hpp"

namespace protocol = signalbox::gates::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kDeadlineBytes = 4;  // may be moved into its bounds
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const auto request = protocol::read_request(body)) {
    const std::string again = protocol::write_request(*request);
    if (protocol::frame_length(again) != size) std::abort();
    if (std::string_view(again).substr(protocol::kFrameHeaderBytes + kDeadlineBytes) !=
        body.substr(kDeadlineBytes))
      std::abort();
  }
  if (const auto answer = protocol::read_answer(body)) {
    if (std::string_view(protocol::write_answer(*answer)).substr(protocol::kFrameHeaderBytes) != body)
      std::abort();
  }
  return 0;
}
