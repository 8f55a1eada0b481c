#include "core/http/brotli.hpp"

#include <array>
#include <memory>

#include <brotli/decode.h>

namespace signalbox::http {
namespace {

constexpr std::size_t kMaxDecoded = std::size_t{64} << 20;
struct Destroy {
  void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
};

}  // namespace

Result<std::string> brotli_decode(std::string_view octets) {
  const std::unique_ptr<BrotliDecoderState, Destroy> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr));
  if (!state) return fail(ErrorKind::internal, "brotli: no memory");
  std::string out;
  std::array<std::uint8_t, 16384> piece{};
  std::size_t left = octets.size();
  const auto* next = reinterpret_cast<const std::uint8_t*>(octets.data());
  for (;;) {
    std::size_t room = piece.size();
    std::uint8_t* to = piece.data();
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state.get(), &left, &next, &room, &to, nullptr);
    out.append(reinterpret_cast<const char*>(piece.data()), piece.size() - room);
    if (result == BROTLI_DECODER_RESULT_SUCCESS) return out;
    if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT || out.size() > kMaxDecoded)
      return fail(ErrorKind::bad_input, "brotli: not what was compressed");
  }
}

}  // namespace signalbox::http
