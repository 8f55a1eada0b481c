// zlib streams (RFC 1950) as git keeps its objects in.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct libdeflate_decompressor;

namespace signalbox::git {

// For one thread at a time.
class Inflater {
 public:
  Inflater();
  // The stream at the front of `octets`, whose content is `size` octets, into `out`, whose memory is used
  // again. False where the stream is broken or holds another number of octets.
  bool inflate(std::string_view octets, std::size_t size, std::string& out);
  // A stream of unknown content; false also where that is longer than `max_size`.
  bool inflate_all(std::string_view octets, std::size_t max_size, std::string& out);

 private:
  struct Free {
    void operator()(libdeflate_decompressor* decompressor) const;
  };
  std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
};

}  // namespace signalbox::git
