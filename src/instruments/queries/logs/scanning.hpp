// The first of some octets in a text, and copying up to it: sixteen octets at a time where the processor can.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace signalbox::queries {

// Where the first octet stands that is one of `Wanted`; `end` where none is.
template <char... Wanted>
inline const char* find_any(const char* at, const char* end) {
#ifdef __SSE2__
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const int found = _mm_movemask_epi8((... | _mm_cmpeq_epi8(block, _mm_set1_epi8(Wanted))));
    if (found != 0) return at + std::countr_zero(static_cast<unsigned>(found));
  }
#endif
  while (at < end && ((*at != Wanted) && ...)) ++at;
  return at;
}

// Copies to `to` up to there, and leaves `to` behind the copy. What `to` points at has room for sixteen
// octets more than are copied.
template <char... Wanted>
inline const char* copy_until(const char* at, const char* end, char*& to) {
#ifdef __SSE2__
  for (; end - at >= 16; at += 16, to += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), block);
    const int found = _mm_movemask_epi8((... | _mm_cmpeq_epi8(block, _mm_set1_epi8(Wanted))));
    if (found == 0) continue;
    const int before = std::countr_zero(static_cast<unsigned>(found));
    to += before;
    return at + before;
  }
#endif
  while (at < end && ((*at != Wanted) && ...)) *to++ = *at++;
  return at;
}

// Which of the 64 octets at `at` are one of `Wanted`: the first is the lowest bit.
template <char... Wanted>
inline std::uint64_t places_of(const char* at) {
  std::uint64_t out = 0;
#ifdef __SSE2__
  for (int i = 0; i < 4; ++i) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16 * i));
    const int found = _mm_movemask_epi8((... | _mm_cmpeq_epi8(block, _mm_set1_epi8(Wanted))));
    out |= static_cast<std::uint64_t>(static_cast<unsigned>(found)) << (16 * i);
  }
#else
  for (int i = 0; i < 64; ++i) out |= static_cast<std::uint64_t>(((at[i] == Wanted) || ...)) << i;
#endif
  return out;
}

// Copies what is from `from` to `stop` and returns what is behind the copy. Up to sixteen octets more are
// read and written.
inline char* copy_run(const char* from, const char* stop, char* to) {
  const char* const begin = from;
  do {
    std::memcpy(to + (from - begin), from, 16);
    from += 16;
  } while (from < stop);
  return to + (stop - begin);
}
inline constexpr std::ptrdiff_t kBlock = 64 + 16;  // octets that places_of and copy_run of it may read

// Where texts are put that do not stand in the file as they are read. They stay until `begin`.
class Unescaped {
 public:
  // Room for texts that are no longer together than `octets`; those before go.
  void begin(std::size_t octets) {
    if (capacity_ < octets + kSlack) {
      capacity_ = octets + kSlack;
      octets_ = std::make_unique_for_overwrite<char[]>(capacity_);
    }
    next = octets_.get();
  }
  char* next = nullptr;  // behind the last one

 private:
  static constexpr std::size_t kSlack = 32;  // of copy_until

  std::unique_ptr<char[]> octets_;
  std::size_t capacity_ = 0;
};

}  // namespace signalbox::queries
