#include "core/git/inflater.hpp"

#include <algorithm>
#include <new>

#include <libdeflate.h>

namespace signalbox::git {

Inflater::Inflater() : decompressor_(libdeflate_alloc_decompressor()) {
  if (!decompressor_) throw std::bad_alloc();
}

void Inflater::Free::operator()(libdeflate_decompressor* decompressor) const {
  libdeflate_free_decompressor(decompressor);
}

bool Inflater::inflate(std::string_view octets, std::size_t size, std::string& out) {
  out.resize(size);
  std::size_t read = 0;
  std::size_t written = 0;
  return libdeflate_zlib_decompress_ex(decompressor_.get(), octets.data(), octets.size(), out.data(), size,
                                       &read, &written) == LIBDEFLATE_SUCCESS &&
         written == size;
}

bool Inflater::inflate_all(std::string_view octets, std::size_t max_size, std::string& out) {
  constexpr std::size_t usual_ratio = 4;
  constexpr std::size_t smallest = 256;
  for (std::size_t room = std::max(smallest, octets.size() * usual_ratio);; room *= 2) {
    out.resize(std::min(room, max_size));
    std::size_t written = 0;
    const auto result = libdeflate_zlib_decompress(decompressor_.get(), octets.data(), octets.size(),
                                                   out.data(), out.size(), &written);
    if (result == LIBDEFLATE_SUCCESS) {
      out.resize(written);
      return true;
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE || room >= max_size) return false;
  }
}

}  // namespace signalbox::git
