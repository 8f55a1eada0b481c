#include "core/base/gzip.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>

#include <fmt/core.h>
#include <libdeflate.h>
#include <zlib.h>

namespace signalbox {
namespace {

constexpr std::size_t kMemberBytesMin = 18;  // header and trailer
constexpr std::size_t kRatioMax = 1032;      // no deflate stream expands further

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* it) const { libdeflate_free_decompressor(it); }
};
struct FreeCompressor {
  void operator()(libdeflate_compressor* it) const { libdeflate_free_compressor(it); }
};

// How long the last member says it is; right for a single one below 4 GiB that nobody tampered with.
std::size_t said_size(std::string_view octets) {
  if (octets.size() < kMemberBytesMin) return 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i)
    size |= std::size_t{static_cast<unsigned char>(octets[octets.size() - 4 + i])} << (8 * i);
  return size;
}

// Reads gzip piece by piece with zlib, keeping nothing: tells how long it becomes, or where it is broken.
class Measure {
 public:
  explicit Measure(std::string_view octets) : octets_(octets) {
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Measure() { inflateEnd(&stream_); }
  Measure(const Measure&) = delete;
  Measure& operator=(const Measure&) = delete;

  Result<std::size_t> size(std::size_t max_bytes) {
    for (;;) {
      give_input();
      stream_.next_out = scratch_.data();
      stream_.avail_out = static_cast<uInt>(scratch_.size());
      const int answer = inflate(&stream_, Z_NO_FLUSH);
      size_ += scratch_.size() - stream_.avail_out;
      if (size_ > max_bytes) return fail_at(fmt::format("expands to more than {} bytes", max_bytes));
      if (answer == Z_STREAM_END) {
        if (offset() == octets_.size()) return size_;
        inflateReset(&stream_);
      } else if (answer == Z_BUF_ERROR) {
        return fail_at("gzip data is cut off");
      } else if (answer != Z_OK) {
        return fail_at(fmt::format("corrupt gzip data ({})", stream_.msg ? stream_.msg : "no reason given"));
      }
    }
  }

 private:
  std::size_t offset() const { return given_ - stream_.avail_in; }

  void give_input() {
    if (stream_.avail_in > 0) return;
    const std::size_t more = std::min<std::size_t>(octets_.size() - given_, std::size_t{1} << 20);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets_.data() + given_));
    stream_.avail_in = static_cast<uInt>(more);
    given_ += more;
  }

  tl::unexpected<Error> fail_at(const std::string& what) const {
    return fail(ErrorKind::bad_input, fmt::format("offset {}: {}", offset(), what));
  }

  std::string_view octets_;
  std::size_t given_ = 0;  // octets that the stream was shown
  std::size_t size_ = 0;
  z_stream stream_{};
  std::array<Bytef, std::size_t{64} << 10> scratch_{};
};

// All members into a buffer of exactly that size; false: they are longer, shorter or broken.
bool inflate_into(std::string_view octets, std::string& out) {
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> inflater(libdeflate_alloc_decompressor());
  if (!inflater) throw std::bad_alloc();
  std::size_t written = 0;
  while (!octets.empty()) {
    std::size_t read = 0;
    std::size_t made = 0;
    if (libdeflate_gzip_decompress_ex(inflater.get(), octets.data(), octets.size(), out.data() + written,
                                      out.size() - written, &read, &made) != LIBDEFLATE_SUCCESS)
      return false;
    octets.remove_prefix(read);
    written += made;
  }
  return written == out.size();
}

}  // namespace

bool is_gzip(std::string_view octets) {
  return octets.starts_with("\x1f\x8b");
}

Result<std::string> gunzip(std::string_view octets, std::size_t max_bytes) {
  std::string out;
  const std::size_t said = said_size(octets);
  if (!octets.empty() && said <= max_bytes && said / kRatioMax <= octets.size()) {
    out.resize(said);
    if (inflate_into(octets, out)) return out;
  }
  // Several members, a size that is not true, or broken.
  SIGNALBOX_TRY(const std::size_t size, Measure(octets).size(max_bytes));
  out.resize(size);
  if (!inflate_into(octets, out)) return fail(ErrorKind::bad_input, "offset 0: corrupt gzip data");
  return out;
}

std::string gzip(std::string_view octets, int level) {
  const std::unique_ptr<libdeflate_compressor, FreeCompressor> deflater(libdeflate_alloc_compressor(level));
  if (!deflater) throw std::bad_alloc();
  std::string out(libdeflate_gzip_compress_bound(deflater.get(), octets.size()), '\0');
  out.resize(libdeflate_gzip_compress(deflater.get(), octets.data(), octets.size(), out.data(), out.size()));
  return out;
}

}  // namespace signalbox
